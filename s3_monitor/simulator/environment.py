"""Environment variables that direct boto3 to the simulator, independent of the configuration of the machine."""

from collections.abc import Mapping
from pathlib import Path

from s3_monitor.simulator.accounts import PARTITIONS, Account
from s3_monitor.simulator.credentials import SECRET

# Neutral values for other variables that botocore reads.
_NEUTRAL = {
    "AWS_SESSION_TOKEN": "",
    "AWS_SECURITY_TOKEN": "",
    "AWS_CREDENTIAL_EXPIRATION": "",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
    "AWS_USE_FIPS_ENDPOINT": "false",
    "AWS_USE_DUALSTACK_ENDPOINT": "false",
}


def make_environment(
    url: str, account: Account, profiles: Mapping[str, Account], folder: Path, users: Mapping[str, str]
) -> dict[str, str]:
    """Return the variables for an account at a URL, with profiles by name in files of the folder.

    ``users`` is the environment that they extend. A profile in it also uses the account, and its endpoints of
    single services are replaced by the URL, so that no request reaches AWS.
    """
    chosen = {users[name]: account for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE") if users.get(name)}
    credentials, config = folder / "credentials", folder / "config"
    sections = {**chosen, **profiles}
    credentials.write_text("".join(_section(name, owner) for name, owner in sections.items()), encoding="utf-8")
    config.write_text("", encoding="utf-8")
    return {
        **{name: value for name, value in _NEUTRAL.items() if name in users},
        **{name: url for name in users if name.startswith("AWS_ENDPOINT_URL_")},
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": account.access_key,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": PARTITIONS[account.partition][0][0],
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_EC2_METADATA_DISABLED": "true",
        "no_proxy": "127.0.0.1",  # urllib prefers the lower-case name
        "NO_PROXY": "127.0.0.1",
    }


def _section(name: str, owner: Account) -> str:
    return f"[{name}]\naws_access_key_id = {owner.access_key}\naws_secret_access_key = {SECRET}\n"
