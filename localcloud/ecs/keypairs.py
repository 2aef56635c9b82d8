"""SSH key pairs: made or imported, listed, deleted, bound to instances and unbound."""

from typing import TYPE_CHECKING

from localcloud.chance import stream
from localcloud.ecs import errors
from localcloud.ecs.listing import Listing
from localcloud.ecs.models import Instance, KeyPair
from localcloud.ecs.parameters import Params
from localcloud.ecs.refusals import keypairs as refusals
from localcloud.ecs.sshkeys import fingerprint, make_pair
from localcloud.ecs.state import Held, State
from localcloud.ecs.tagging import asked_tags, bears, read_tags, shown_tags
from localcloud.ecs.times import minute
from localcloud.globs import glob
from localcloud.texts import read_json

if TYPE_CHECKING:
    from localcloud.cloud import Cloud

Answer = dict[str, object]
_MOST_PAIRS = 500
_MOST_NAMES = 100
_MOST_INSTANCES = 50


class KeyPairs:
    """The key pairs of one cloud, each in one region and known there by its name."""

    def __init__(self, cloud: "Cloud", state: State, listing: Listing) -> None:
        self._cloud = cloud
        self._state = state
        self._listing = listing

    def create(self, params: Params) -> Answer:
        """CreateKeyPair: the private key is in this answer and nowhere else."""
        held = self._state.of(params.region)
        name = _new_name(params, held)
        tags = read_tags(params)
        key_id = self._cloud.new_id("ssh-")
        private, public = make_pair(stream(self._cloud.id_seed, "key pair", key_id))
        pair = self._keep(params.region, name, public, tags)
        return {
            "KeyPairId": key_id,
            "KeyPairName": name,
            "KeyPairFingerPrint": pair.fingerprint,
            "PrivateKeyBody": private,
        }

    def take_in(self, params: Params) -> Answer:
        """ImportKeyPair: a public key of one's own."""
        held = self._state.of(params.region)
        name = _new_name(params, held)
        public = params.need("PublicKeyBody")
        if fingerprint(public) is None:
            raise refusals.BODY.error()
        pair = self._keep(params.region, name, public.strip(), read_tags(params))
        return {"KeyPairName": name, "KeyPairFingerPrint": pair.fingerprint}

    def describe(self, params: Params) -> Answer:
        """DescribeKeyPairs, at most 50 a page; ``*`` in a name stands for any characters."""
        held = self._state.of(params.region)
        wanted, whole = asked_tags(params), params.flag("IncludePublicKey")
        name = glob(params.text("KeyPairName", "*"), single=False)
        chosen = [
            one
            for one in self._listing.visible(held.key_pairs.values())
            if name.fullmatch(one.id)
            and params.text("KeyPairFingerPrint", one.fingerprint) == one.fingerprint
            and bears(one, wanted)
        ]
        page, head = self._listing.numbered_page(params, chosen, most=50)
        return {**head, "KeyPairs": {"KeyPair": [_shown(one, whole=whole) for one in page]}}

    def delete(self, params: Params) -> Answer:
        """DeleteKeyPairs, which no instance uses; a name that isn't there is passed over (UNVERIFIED)."""
        held = self._state.of(params.region)
        names = _json_texts(params, "KeyPairNames", refusals.NAMES)
        if len(names) > _MOST_NAMES:
            raise refusals.NAMES_TOO_MANY.error()
        if any(one.key_pair in names for one in held.instances.values()):
            raise refusals.IN_USE.error()
        for name in names:
            held.key_pairs.pop(name, None)
        return {}

    def attach(self, params: Params) -> Answer:
        """AttachKeyPair: it takes the place of the pair that the instances have."""
        held = self._state.of(params.region)
        name, instances = _bound(params, held)
        for instance in instances:
            instance.key_pair = name
        return _results(name, instances, failed=[])

    def detach(self, params: Params) -> Answer:
        """DetachKeyPair; an instance that has another pair keeps it and counts as failed (UNVERIFIED)."""
        held = self._state.of(params.region)
        name, instances = _bound(params, held)
        failed = [one for one in instances if one.key_pair != name]
        for instance in instances:
            if instance not in failed:
                instance.key_pair = ""
        return _results(name, instances, failed)

    def _keep(self, region: str, name: str, public: str, tags: dict[str, str]) -> KeyPair:
        now = self._cloud.clock.now
        pair = KeyPair(
            id=name,
            region=region,
            created=now,
            listed_from=now,
            tags=tags,
            fingerprint=fingerprint(public) or "",
            public_key=public,
        )
        self._state.of(region).key_pairs[name] = pair
        return pair


def _new_name(params: Params, held: Held) -> str:
    params.need("KeyPairName")
    name = params.name("KeyPairName", refusals.NAME)
    if name in held.key_pairs:
        raise refusals.ALREADY_THERE.error()
    if len(held.key_pairs) >= _MOST_PAIRS:
        raise refusals.QUOTA.error()
    return name


def _bound(params: Params, held: Held) -> tuple[str, list[Instance]]:
    name = params.need("KeyPairName")
    if name not in held.key_pairs:
        raise refusals.UNKNOWN.error()
    ids = _json_texts(params, "InstanceIds", refusals.INSTANCES)
    if len(ids) > _MOST_INSTANCES:
        raise refusals.INSTANCES_TOO_MANY.error()
    if any(one not in held.instances for one in ids):
        raise refusals.INSTANCES.error()
    return name, [held.instances[one] for one in ids]


def _json_texts(params: Params, name: str, refusal: errors.Refusal) -> tuple[str, ...]:
    """The texts of a JSON array, each once, in order; at least one."""
    try:
        texts = read_json(params.need(name))
    except ValueError:
        texts = None
    if not isinstance(texts, list) or not texts or not all(isinstance(one, str) for one in texts):
        raise refusal.error()
    return tuple(dict.fromkeys(texts))


def _results(name: str, instances: list[Instance], failed: list[Instance]) -> Answer:
    return {
        "KeyPairName": name,
        "TotalCount": str(len(instances)),
        "FailCount": str(len(failed)),
        "Results": {"Result": [_result(one, failed=one in failed) for one in instances]},
    }


def _result(one: Instance, *, failed: bool) -> Answer:
    no = refusals.INSTANCES
    code, message = (no.code, no.message) if failed else ("200", "successful")
    return {"InstanceId": one.id, "Success": str(not failed).lower(), "Code": code, "Message": message}


def _shown(one: KeyPair, *, whole: bool) -> Answer:
    shown: Answer = {
        "KeyPairName": one.id,
        "KeyPairFingerPrint": one.fingerprint,
        "CreationTime": minute(one.created),
        "ResourceGroupId": "",
        "Tags": shown_tags(one),
    }
    return shown | ({"PublicKey": one.public_key} if whole else {})
