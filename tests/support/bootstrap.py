"""The accounts every conformance test starts from (README: --bootstrap FILE)."""
import dataclasses

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@dataclasses.dataclass(frozen=True)
class Keys:
    """Credentials of a principal; `token` only for temporary ones."""

    access_key: str
    secret_key: str
    token: str | None = None

    @staticmethod
    def of(credentials):
        """From the Credentials structure of an STS answer."""
        return Keys(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])

    @staticmethod
    def of_user(access_key):
        """From CreateAccessKey's answer."""
        return Keys(access_key["AccessKeyId"], access_key["SecretAccessKey"])


ACCOUNT = "123456789012"
OTHER_ACCOUNT = "210987654321"
ALIAS = "example-corp"
ROOT = Keys("ROOTKEY0000000000001", "root/secret+of=the first account")
ADMIN = Keys("ADMINKEY000000000001", "admin/secret+of=the first account")
NOBODY = Keys("NOBODYKEY00000000001", "secret of a user without any permission")
OTHER_ADMIN = Keys("ADMINKEY000000000002", "admin/secret+of=the second account")


def document():
    """The JSON value that --bootstrap reads."""
    return {
        "accounts": [
            {
                "id": ACCOUNT,
                "alias": ALIAS,
                "root": _key(ROOT),
                "users": [
                    {"name": "admin", "policies": [ADMINISTRATOR], "access_keys": [_key(ADMIN)], "password": "Correct-horse-1"},
                    {"name": "nobody", "access_keys": [_key(NOBODY)]},
                ],
            },
            {"id": OTHER_ACCOUNT, "users": [{"name": "admin", "policies": [ADMINISTRATOR], "access_keys": [_key(OTHER_ADMIN)]}]},
        ]
    }


def _key(keys):
    return {"access_key_id": keys.access_key, "secret_access_key": keys.secret_key}
