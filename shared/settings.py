"""What an install is told about itself: one frozen record, read from a mapping once an invocation."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.problem import BadInput, Problem


class Settings(BaseModel):
    """The settings of one install; each is an environment variable in s.yaml."""

    model_config = ConfigDict(frozen=True)

    install: str = Field(alias="FERRY_INSTALL", pattern=r"^[a-z][a-z0-9-]{0,39}$", description="the install's name")
    home_region: str = Field(
        alias="FERRY_HOME_REGION", min_length=1, description="region of the functions and the store"
    )
    store: str = Field(alias="FERRY_STORE", min_length=1, description="path of the SQLite file")
    bus: str = Field("ferry", alias="FERRY_BUS", description="name of the custom event bus")
    looks_queue: str = Field("ferry-looks", alias="FERRY_LOOKS_QUEUE", description="queue of delayed looks")
    smq_endpoint: str = Field("", alias="FERRY_SMQ_ENDPOINT", description="SMQ's address; empty: the region's own")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """The settings in *environ*; raises BadInput naming every variable that is missing or wrong."""
        try:
            return cls.model_validate(dict(environ))
        except ValidationError as error:
            raise BadInput(tuple(_problem(str(e["loc"][0]), e["msg"]) for e in error.errors())) from None

    def smq_address(self, account: str) -> str:
        """Where SMQ answers for *account* in the home region."""
        return self.smq_endpoint or f"https://{account}.mns.{self.home_region}.aliyuncs.com"


def _problem(name: str, message: str) -> Problem:
    return Problem(path=name, code="setting", message=message, fix=f"set {name} in s.yaml's environmentVariables")
