"""How one logs on to an instance, as a call says it: its password, its key pair."""

from localcloud.ecs import errors
from localcloud.ecs.parameters import Params
from localcloud.ecs.state import Held


def check_password(params: Params) -> None:
    """8 to 30 characters of at least three kinds (help page RunInstances, Password)."""
    password = params.text("Password")
    if not password:
        return
    tests = (str.islower, str.isupper, str.isdigit, lambda one: not one.isalnum())
    kinds = sum(any(test(one) for one in password) for test in tests)
    if not 8 <= len(password) <= 30 or kinds < 3:
        raise errors.PASSWORD.error()


def refuse_two_passwords(params: Params) -> None:
    """One of its own and the image's."""
    if params.flag("PasswordInherit") and params.has("Password"):
        raise errors.PASSWORD_INHERITED.error()


def known_key_pair(params: Params, held: Held, unknown: errors.Refusal) -> str:
    """The call's KeyPairName, which the region has; empty when none is given."""
    name = params.text("KeyPairName")
    if name and name not in held.key_pairs:
        raise unknown.error()
    return name
