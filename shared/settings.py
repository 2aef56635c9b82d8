"""What an install is told about itself: one frozen record, read from a mapping once an invocation."""

import re
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from shared.names import RESERVED, InstallName, Names
from shared.problem import BadInput, Problem

_TABLESTORE = "tablestore:"
#: https://www.alibabacloud.com/help/en/tablestore/general-limits-of-tablestore/ (read 2026-11)
_INSTANCE = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,14}[A-Za-z0-9]")


class Settings(BaseModel):
    """The settings of one install; each is an environment variable in s.yaml."""

    model_config = ConfigDict(frozen=True)

    install: InstallName = Field(alias="FERRY_INSTALL", description="the install's name; its things are named after it")
    home_region: str = Field(
        alias="FERRY_HOME_REGION", min_length=1, description="region of the functions and the store"
    )
    store: str = Field(
        alias="FERRY_STORE", min_length=1, description="tablestore:INSTANCE, or the path of a SQLite file"
    )
    tablestore_endpoint: str = Field(
        "", alias="FERRY_TABLESTORE_ENDPOINT", description="Tablestore's address; empty: the instance's own"
    )
    smq_endpoint: str = Field("", alias="FERRY_SMQ_ENDPOINT", description="SMQ's address; empty: the region's own")
    log_project: str = Field(
        "",
        alias="FERRY_LOG_PROJECT",
        pattern=r"^([a-z0-9][a-z0-9-]{1,61}[a-z0-9])?$",
        description="SLS project of logs",
    )
    log_store: str = Field(
        "", alias="FERRY_LOG_STORE", pattern=r"^([a-z0-9][a-z0-9_-]{0,61}[a-z0-9])?$", description="its Logstore"
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """The settings in *environ*; raises BadInput naming every variable that is missing or wrong."""
        try:
            return cls.model_validate(dict(environ))
        except ValidationError as error:
            raise BadInput(tuple(map(_problem, error.errors()))) from None

    @field_validator("install")
    @classmethod
    def _not_reserved(cls, install: str) -> str:
        if install in RESERVED:
            raise ValueError(f"{install} is the cloud's own name")
        return install

    @field_validator("store")
    @classmethod
    def _names_an_instance(cls, store: str) -> str:
        if store.startswith(_TABLESTORE) and not _INSTANCE.fullmatch(store.removeprefix(_TABLESTORE)):
            fix = (
                "set FERRY_STORE to tablestore:INSTANCE, where INSTANCE has 3 to 16 letters, digits and hyphens and "
                "begins with a letter, or to the path of a SQLite file"
            )
            raise PydanticCustomError("store", "{store} names no Tablestore instance", {"store": store, "fix": fix})
        return store

    @field_validator("tablestore_endpoint")
    @classmethod
    def _is_an_address(cls, endpoint: str) -> str:
        if endpoint and not re.fullmatch(r"https?://[^/\s]+", endpoint):
            fix = "set FERRY_TABLESTORE_ENDPOINT to an address such as https://INSTANCE.REGION.ots.aliyuncs.com"
            raise PydanticCustomError("endpoint", "{given} is no address", {"given": endpoint, "fix": fix})
        return endpoint

    @property
    def tablestore(self) -> str:
        """The Tablestore instance that holds the records; empty when a SQLite file does."""
        return self.store.removeprefix(_TABLESTORE) if self.store.startswith(_TABLESTORE) else ""

    @property
    def tablestore_address(self) -> str:
        """Where that instance answers.

        https://www.alibabacloud.com/help/en/tablestore/developer-reference/endpoints (read 2026-11)
        """
        return self.tablestore_endpoint or f"https://{self.tablestore}.{self.home_region}.ots.aliyuncs.com"

    @property
    def names(self) -> Names:
        """What the install's things are called."""
        return Names(install=self.install)

    def smq_address(self, account: str) -> str:
        """Where SMQ answers for *account* in the home region."""
        return self.smq_endpoint or f"https://{account}.mns.{self.home_region}.aliyuncs.com"


def _problem(found: ErrorDetails) -> Problem:
    name = str(found["loc"][0])
    fix = found.get("ctx", {}).get("fix") or f"set {name} in s.yaml's environmentVariables"
    return Problem(path=name, code="setting", message=found["msg"], fix=fix)
