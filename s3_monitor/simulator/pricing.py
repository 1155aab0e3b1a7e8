"""The Price List Query API, and the public files of price lists."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec

from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.http11 import Response
from s3_monitor.simulator.json_services import AwsJson
from s3_monitor.simulator.price_lists import SERVICES, Offer, document, region_of
from s3_monitor.simulator.service import Call, Refusal

FILES = "/offers/v1.0/aws/"
REGIONS = ("us-east-1", "eu-central-1", "ap-south-1")  # AWS: the only endpoints
PAGE = 100

MatchType = Literal["TERM_MATCH", "EQUALS", "CONTAINS", "ANY_OF", "NONE_OF"]


class Filter(msgspec.Struct, rename="pascal"):
    type: MatchType
    field: str
    value: str

    def fits(self, attributes: dict[str, str]) -> bool:
        have, wanted = attributes.get(self.field, ""), self.value
        match self.type:
            case "TERM_MATCH" | "EQUALS":
                return have == wanted
            case "CONTAINS":
                return wanted in have
            case "ANY_OF":
                return have in wanted.split(",")
            case "NONE_OF":
                return have not in wanted.split(",")


class GetProductsInput(msgspec.Struct, rename="pascal"):
    service_code: str
    filters: Annotated[list[Filter], msgspec.Meta(max_length=50)] = []
    format_version: Literal["aws_v1"] = "aws_v1"
    next_token: str | None = None
    max_results: Annotated[int, msgspec.Meta(ge=1, le=PAGE)] = PAGE


class DescribeServicesInput(msgspec.Struct, rename="pascal"):
    service_code: str | None = None


class ListPriceListsInput(msgspec.Struct, rename="pascal"):
    service_code: str
    effective_date: float
    currency_code: str
    region_code: str | None = None
    next_token: str | None = None
    max_results: Annotated[int, msgspec.Meta(ge=1, le=PAGE)] = PAGE


class GetPriceListFileUrlInput(msgspec.Struct, rename="pascal"):
    price_list_arn: str
    file_format: str


class Pricing(AwsJson):
    """The Price List Query API."""

    names = ("pricing",)

    def answer(self, call: Call) -> Response | None:
        if call.region not in REGIONS:
            raise AwsError("UnknownEndpoint", f"there is no Price List API in {call.region}", 404)
        match call.operation:
            case "GetProducts":
                result = self._products(self.protocol.decode(call.request, GetProductsInput))
            case "DescribeServices":
                result = self._services(self.protocol.decode(call.request, DescribeServicesInput))
            case "ListPriceLists":
                result = self._lists(self.protocol.decode(call.request, ListPriceListsInput))
            case "GetPriceListFileUrl":
                parameters = self.protocol.decode(call.request, GetPriceListFileUrlInput)
                host = call.request.headers.get("host", "")
                result = {"Url": f"http://{host}{self._path(parameters)}"}
            case _:
                return None
        return self.protocol.encode(call.operation, result)

    def file(self, path: str) -> Response:
        """Return a file: SERVICE/VERSION|current/[REGION/]index.json|csv or SERVICE/current/region_index.json."""
        service, version, *rest = [*path.removeprefix(FILES).split("/"), "", ""][:5]
        offer = self._offer(service, version)
        rest = [part for part in rest if part]
        if offer is None or not rest:
            return Response(404, b"no such price list", "text/plain")
        if rest == ["region_index.json"]:
            return _json(_region_index(offer))
        region, name = ("", rest[0]) if len(rest) == 1 else (rest[0], rest[1])
        skus = [sku for sku, product in offer["products"].items() if not region or region_of(product) == region]
        if name == "index.csv":
            return Response(200, _csv(offer, skus), "text/csv")
        if name != "index.json" or not skus:
            return Response(404, b"no such file", "text/plain")
        terms = offer["terms"]["OnDemand"]
        listed = {sku: offer["products"][sku] for sku in skus}
        return _json({**offer, "products": listed, "terms": {"OnDemand": {sku: terms.get(sku, {}) for sku in skus}}})

    def refusal(self, why: Refusal, operation: str, arn: str) -> AwsError:
        if why == "internal":
            return AwsError("InternalErrorException", "An error on the server occurred", 500)
        return super().refusal(why, operation, arn)

    def _products(self, parameters: GetProductsInput) -> dict[str, Any]:
        offer = self._offer(parameters.service_code, "current")
        if offer is None:
            raise AwsError("NotFoundException", f"no service {parameters.service_code}")
        found = [
            sku
            for sku, product in sorted(offer["products"].items())
            if all(one.fits({**product["attributes"], "sku": sku}) for one in parameters.filters)
        ]
        page, token = _page(found, parameters.next_token, parameters.max_results)
        listed = [msgspec.json.encode(document(offer, sku)).decode() for sku in page]
        return {"FormatVersion": "aws_v1", "PriceList": listed, **token}

    def _services(self, parameters: DescribeServicesInput) -> dict[str, Any]:
        known = [service for service in SERVICES if parameters.service_code in (None, service)]
        if not known:
            raise AwsError("NotFoundException", f"no service {parameters.service_code}")
        attributes = ["usagetype", "operation", "regionCode", "location"]
        services = [{"ServiceCode": service, "AttributeNames": attributes} for service in known]
        return {"Services": services, "FormatVersion": "aws_v1"}

    def _lists(self, parameters: ListPriceListsInput) -> dict[str, Any]:
        day = datetime.fromtimestamp(parameters.effective_date, UTC)
        offer = self._offer(parameters.service_code, "current", before=f"{day:%Y%m%d%H%M%S}")
        if offer is None or parameters.currency_code != "USD":
            raise AwsError("ResourceNotFoundException", "no price list for that")
        regions = sorted({region_of(product) for product in offer["products"].values()} - {""})
        wanted = [region for region in regions if parameters.region_code in (None, region)]
        page, token = _page(wanted, parameters.next_token, parameters.max_results)
        arn = f"arn:aws:pricing:::price-list/aws/{parameters.service_code}/USD/{offer['version']}"
        lists = [
            {
                "PriceListArn": f"{arn}/{region}",
                "RegionCode": region,
                "CurrencyCode": "USD",
                "FileFormats": ["csv", "json"],
            }
            for region in page
        ]
        return {"PriceLists": lists, **token}

    def _path(self, parameters: GetPriceListFileUrlInput) -> str:
        parts = parameters.price_list_arn.split("/")
        if len(parts) != 6 or self._offer(parts[2], parts[4]) is None:
            raise AwsError("ResourceNotFoundException", f"no price list {parameters.price_list_arn}")
        if parameters.file_format not in ("csv", "json"):
            raise AwsError("InvalidParameterException", f"no format {parameters.file_format}")
        return f"{FILES}{parts[2]}/{parts[4]}/{parts[5]}/index.{parameters.file_format}"

    def _offer(self, service: str, version: str, before: str = "99999999999999") -> Offer | None:
        fitting = [
            offer
            for offer in self._world.offers
            if offer["offerCode"] == service
            and version in ("current", offer["version"])
            and str(offer["version"]) <= before
        ]
        return max(fitting, key=lambda offer: str(offer["version"]), default=None)


def _page(items: list[str], token: str | None, size: int) -> tuple[list[str], dict[str, str]]:
    if token is not None and not token.isdigit():
        raise AwsError("InvalidNextTokenException", "The pagination token is invalid.")
    start = int(token or "0")
    more = {"NextToken": str(start + size)} if start + size < len(items) else {}
    return items[start : start + size], more


def _json(value: Any) -> Response:
    return Response(200, msgspec.json.encode(value), "application/json")


def _region_index(offer: Offer) -> dict[str, Any]:
    service, version = offer["offerCode"], offer["version"]
    regions = sorted({region_of(product) for product in offer["products"].values()} - {""})
    return {
        "formatVersion": "v1.0",
        "publicationDate": offer["publicationDate"],
        "regions": {
            region: {"regionCode": region, "currentVersionUrl": f"{FILES}{service}/{version}/{region}/index.json"}
            for region in regions
        },
    }


_COLUMNS = {
    "serviceCode": "servicecode",
    "Location": "location",
    "Location Type": "locationType",
    "Storage Class": "storageClass",
    "Volume Type": "volumeType",
    "Transfer Type": "transferType",
    "From Location": "fromLocation",
    "From Location Type": "fromLocationType",
    "To Location": "toLocation",
    "To Location Type": "toLocationType",
    "usageType": "usagetype",
    "operation": "operation",
    "Region Code": "regionCode",
}


def _csv(offer: Offer, skus: Iterable[str]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    about = {"FormatVersion": "formatVersion", "Disclaimer": "disclaimer", "Publication Date": "publicationDate"}
    about |= {"Version": "version", "OfferCode": "offerCode"}
    writer.writerows([name, offer[key]] for name, key in about.items())
    own = ["SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange"]
    writer.writerow([*own, "EndingRange", "Unit", "PricePerUnit", "Currency", *_COLUMNS])
    for sku in skus:
        facts = offer["products"][sku]["attributes"]
        for term in offer["terms"]["OnDemand"].get(sku, {}).values():
            for one in term["priceDimensions"].values():
                ((currency, price),) = one["pricePerUnit"].items()
                row = [sku, term["offerTermCode"], one["rateCode"], "OnDemand", one["description"]]
                row += [term["effectiveDate"][:10], one["beginRange"], one["endRange"], one["unit"], price, currency]
                writer.writerow([*row, *(facts.get(fact, "") for fact in _COLUMNS.values())])
    return text.getvalue().encode()
