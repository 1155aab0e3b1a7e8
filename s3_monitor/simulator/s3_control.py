"""S3 Control: the Storage Lens configurations of an account. Its signing name is that of S3."""

from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.http11 import Request, Response
from s3_monitor.simulator.s3_listings import xml
from s3_monitor.simulator.service import Call

HOME_REGION = "us-east-1"  # of all configurations
_PATH = "/v20180820/storagelens"
_XMLNS = "http://awss3control.amazonaws.com/doc/2018-08-20/"


def operation(request: Request) -> str | None:
    """Return the operation of a request; None if it is one of S3."""
    if request.method != "GET" or not f"{request.path}/".startswith(f"{_PATH}/"):
        return None
    return "GetStorageLensConfiguration" if _id(request) else "ListStorageLensConfigurations"


def answer(call: Call) -> Response:
    """Return the response to a request. Raises AwsError if it is denied, or there is no such configuration."""
    if call.request.headers.get("x-amz-account-id") != call.account.id:
        raise AwsError("AccessDenied", "Access Denied", 403)
    configurations = call.account.storage_lens if call.region == HOME_REGION else {}
    if call.operation == "GetStorageLensConfiguration":
        id_ = _id(call.request)
        if id_ not in configurations:
            raise AwsError("NoSuchConfiguration", "The specified configuration does not exist.", 404)
        content = f"<Id>{id_}</Id><AccountLevel><BucketLevel/></AccountLevel>{configurations[id_]}"
        content += "<IsEnabled>true</IsEnabled>"
        return xml(f'<StorageLensConfiguration xmlns="{_XMLNS}">{content}</StorageLensConfiguration>')
    items = "".join(
        f"<StorageLensConfiguration><Id>{id_}</Id><StorageLensArn>arn</StorageLensArn>"
        f"<HomeRegion>{HOME_REGION}</HomeRegion><IsEnabled>true</IsEnabled></StorageLensConfiguration>"
        for id_ in configurations
    )
    root = "ListStorageLensConfigurationsResult"
    return xml(f'<{root} xmlns="{_XMLNS}">{items}</{root}>')


def _id(request: Request) -> str:
    return request.path.removeprefix(_PATH).strip("/")
