"""SSH key pairs: made, imported, listed, bound and deleted as documented."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from localcloud.ecs.refusals import keypairs as refusals
from tests.localcloud.ecs_world import HERE, PUBLIC, THERE, Ground, ground, launch, refused
from tests.localcloud.refusing import Act, after, ask, check_refusal, written

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me@here"
#: What ssh-keygen -E md5 -lf says of it.
KEY_MD5 = "0f:a2:0a:d7:38:3e:65:45:08:6b:63:84:1c:ff:dc:ba"
DISKS = [{"kind": "system", "category": "cloud_essd", "size": 40}]
EXTRA = {"instances": [{"id": "i-keyed", "key_pair": "old", "disks": DISKS}, {"id": "i-plain", "disks": DISKS}]}


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path, extra=EXTRA) as made:
        yield made


def take_in(name: str = "mine", **wire: Any) -> Act:
    return ask("ImportKeyPair", RegionId=HERE, **{"KeyPairName": name, "PublicKeyBody": KEY} | wire)


def bind(*instances: str, name: str = "mine", action: str = "AttachKeyPair") -> Act:
    ids = "[" + ", ".join(f'"{one}"' for one in instances) + "]"
    return ask(action, RegionId=HERE, KeyPairName=name, InstanceIds=ids)


def names(g: Ground, region: str = HERE, **wire: Any) -> list[str]:
    found = g.ask("DescribeKeyPairs", region, RegionId=region, **wire)
    return [one["KeyPairName"] for one in found["KeyPairs"]["KeyPair"]]


def test_a_made_pair_tells_its_private_key_once(g: Ground) -> None:
    """CreateKeyPair answers a PEM whose public half DescribeKeyPairs shows."""
    made = g.ask("CreateKeyPair", RegionId=HERE, KeyPairName="new", Tag=[{"Key": "a", "Value": "1"}])
    assert made["KeyPairId"].startswith("ssh-")
    private = load_pem_private_key(made["PrivateKeyBody"].encode(), None)
    public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    listed = g.ask("DescribeKeyPairs", RegionId=HERE, KeyPairName="new", IncludePublicKey=True)["KeyPairs"]["KeyPair"]
    assert [one["PublicKey"] for one in listed] == [public]
    assert listed[0]["KeyPairFingerPrint"] == made["KeyPairFingerPrint"]
    assert listed[0]["Tags"] == {"Tag": [{"TagKey": "a", "TagValue": "1"}]}
    assert "PublicKey" not in g.ask("DescribeKeyPairs", RegionId=HERE, KeyPairName="new")["KeyPairs"]["KeyPair"][0]


def test_one_seed_makes_one_key(tmp_path: Path) -> None:
    """Even keys are the seed's, so that a history can be told again."""
    bodies: list[str] = []
    for seed in (1, 1, 2):
        with ground(tmp_path / str(len(bodies)), seed=seed) as g:
            bodies.append(g.ask("CreateKeyPair", RegionId=HERE, KeyPairName="new")["PrivateKeyBody"])
    assert bodies[0] == bodies[1] != bodies[2]


def test_an_imported_pair_has_the_fingerprint_that_ssh_keygen_tells(g: Ground) -> None:
    """The fingerprint is the MD5 of the public key, as RFC 4716 writes it."""
    assert take_in()(g) == {"KeyPairName": "mine", "KeyPairFingerPrint": KEY_MD5}
    assert names(g, KeyPairFingerPrint=KEY_MD5) == ["mine"]


def test_pairs_are_found_by_name_and_tag_in_their_region(g: Ground) -> None:
    """``*`` stands for any characters; what an instance of the world has is there; another region has its own."""
    for name in ("web-1", "web-2", "db"):
        take_in(name)(g)
    assert names(g) == ["old", "web-1", "web-2", "db"]
    assert names(g, KeyPairName="web*") == names(g, KeyPairName="*b-*") == ["web-1", "web-2"]
    assert names(g, KeyPairName="web") == []
    assert names(g, THERE) == []
    tag = [{"Key": "a", "Value": "1"}]
    g.ask("TagResources", RegionId=HERE, ResourceType="keypair", ResourceId=["db"], Tag=tag)
    assert names(g, Tag=tag) == ["db"]
    page = g.ask("DescribeKeyPairs", RegionId=HERE, PageSize=3, PageNumber=2)
    assert (page["TotalCount"], page["PageSize"], len(page["KeyPairs"]["KeyPair"])) == (4, 3, 1)


def test_a_pair_is_bound_to_instances_and_unbound(g: Ground) -> None:
    """AttachKeyPair replaces what is there; DetachKeyPair leaves another pair alone and counts it as failed."""
    take_in()(g)
    done = g.ask("AttachKeyPair", RegionId=HERE, KeyPairName="mine", InstanceIds='["i-web", "i-keyed"]')
    assert (done["KeyPairName"], done["TotalCount"], done["FailCount"]) == ("mine", "2", "0")
    result = {"InstanceId": "i-web", "Code": "200", "Message": "successful", "Success": "true"}
    assert done["Results"]["Result"][0] == result
    assert {g.instance(one)["KeyPairName"] for one in ("i-web", "i-keyed")} == {"mine"}
    bind("i-keyed", name="old")(g)
    gone = g.ask("DetachKeyPair", RegionId=HERE, KeyPairName="mine", InstanceIds='["i-web", "i-keyed"]')
    assert (gone["TotalCount"], gone["FailCount"]) == ("2", "1")
    assert [one["Success"] for one in gone["Results"]["Result"]] == ["true", "false"]
    assert [g.instance(one)["KeyPairName"] for one in ("i-web", "i-keyed")] == ["", "old"]


def test_a_launch_needs_a_pair_that_its_region_has(g: Ground) -> None:
    """RunInstances takes a pair of the region and no other."""
    take_in()(g)
    assert g.instance(g.running(KeyPairName="mine"))["KeyPairName"] == "mine"
    with refused("InvalidKeyPairName.NotFound", 404):
        g.ask("RunInstances", THERE, **launch(PUBLIC, THERE), KeyPairName="mine")


def test_a_deleted_pair_is_no_more_and_others_stay(g: Ground) -> None:
    """DeleteKeyPairs takes several names; one that is not there is passed over."""
    for name in ("a1", "b1", "c1"):
        take_in(name)(g)
    g.ask("DeleteKeyPairs", RegionId=HERE, KeyPairNames='["a1", "b1", "none"]')
    assert names(g) == ["old", "c1"]


def test_a_world_names_key_pairs_of_a_region(tmp_path: Path) -> None:
    """What a region has beside the pairs of its instances is named in the world file."""
    with ground(tmp_path, extra={"key_pairs": ["ops"]}) as g:
        assert names(g) == ["ops"]


def full(g: Ground) -> None:
    for number in range(501):
        take_in(f"k{number}")(g)


def delete(text: str) -> Act:
    return ask("DeleteKeyPairs", RegionId=HERE, KeyPairNames=text)


def quoted(count: int) -> str:
    return "[" + ", ".join(f'"n{number}"' for number in range(count)) + "]"


ROWS: dict[str, Act] = {
    "NAME": take_in("1st"),
    "ALREADY_THERE": take_in("old"),
    "BODY": take_in(PublicKeyBody="ssh-rsa AAAAC3NzaC1lZDI1NTE5"),
    "QUOTA": full,
    "NAMES": delete("old"),
    "NAMES_TOO_MANY": delete(quoted(101)),
    "IN_USE": delete('["old"]'),
    "UNKNOWN": bind("i-web"),
    "INSTANCES": after(take_in(), bind("i-none")),
    "INSTANCES_TOO_MANY": after(
        take_in(), ask("AttachKeyPair", RegionId=HERE, KeyPairName="mine", InstanceIds=quoted(51))
    ),
}
MORE: list[tuple[str, Act]] = [
    ("ALREADY_THERE", ask("CreateKeyPair", RegionId=HERE, KeyPairName="old")),
    ("BODY", take_in(PublicKeyBody="ssh-rsa not!base64")),
    ("BODY", take_in(PublicKeyBody="nonsense")),
    ("NAMES", delete("[]")),
    ("NAMES", delete("[1]")),
    ("UNKNOWN", bind("i-web", action="DetachKeyPair")),
    ("INSTANCES", after(take_in(), bind("i-none", action="DetachKeyPair"))),
]


@pytest.mark.parametrize(("name", "act"), [*ROWS.items(), *MORE])
def test_a_refusal_has_the_documented_code_status_and_message(g: Ground, name: str, act: Act) -> None:
    """What the documentation refuses, the embedded cloud refuses, in the documentation's words."""
    check_refusal(g, written(refusals)[name], act)


@pytest.mark.parametrize(
    "act",
    [
        ask("CreateKeyPair", RegionId=HERE),
        ask("ImportKeyPair", RegionId=HERE, KeyPairName="mine"),
        ask("DeleteKeyPairs", RegionId=HERE),
        ask("DescribeKeyPairs"),
    ],
)
def test_what_is_mandatory_must_be_given(g: Ground, act: Act) -> None:
    """Without a mandatory parameter nothing is done."""
    with refused("MissingParameter", 400):
        act(g)


def test_every_refusal_is_provoked() -> None:
    """No refusal is written that nothing can bring about."""
    assert set(ROWS) == set(written(refusals))
