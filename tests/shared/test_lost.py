"""Why no answer came, told in a few words."""

from datetime import UTC, datetime

import pytest

from shared.cloud.identity import caller
from shared.cloud.session import Credentials, Session
from shared.ports import TryAgain


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "http://no-such-host.invalid:9"])
def test_a_cloud_that_can_not_be_reached_is_named_with_the_reason(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which host, and what to look at: not the library's own words, which run over several lines."""
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, proxy)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    session = Session(Credentials(access_key="key", secret="secret"), lambda: datetime.now(UTC), lasts=None)
    with pytest.raises(TryAgain) as lost:
        caller(session, "cn-beijing")
    told = str(lost.value)
    assert told.startswith("no answer from the cloud: sts.cn-beijing.aliyuncs.com: ")
    assert "the proxy can't be reached" in told
    assert len(told) < 160
