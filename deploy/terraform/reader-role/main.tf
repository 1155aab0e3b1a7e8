# The role that S3 Monitor assumes in this account. It allows only reading.
# Equivalent to deploy/cloudformation/reader-role.yaml.

data "aws_partition" "current" {}

locals {
  partition = data.aws_partition.current.partition

  # Name of a policy in docs/iam → whether the role gets it.
  options = {
    storage       = true
    bucket-config = var.bucket_configuration
    objects       = var.objects
    inventory     = var.inventory_destination != ""
    exports       = var.export_bucket != ""
    athena        = var.athena_workgroup != ""
    bill          = var.bill
    storage-lens  = var.storage_lens
    organization  = var.organization
    doctor        = var.doctor
  }

  policies = { for name, wanted in local.options : name => file("${path.module}/../../../docs/iam/${name}.json") if wanted }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${var.trusted_account_id}:root"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:${local.partition}:iam::${var.trusted_account_id}:${var.trusted_principal}"]
    }

    dynamic "condition" {
      for_each = var.external_id == "" ? [] : [var.external_id]
      content {
        test     = "StringEquals"
        variable = "sts:ExternalId"
        values   = [condition.value]
      }
    }

    dynamic "condition" {
      for_each = var.organization_id == "" ? [] : [var.organization_id]
      content {
        test     = "StringEquals"
        variable = "aws:PrincipalOrgID"
        values   = [condition.value]
      }
    }
  }
}

resource "aws_iam_role" "reader" {
  name               = var.role_name
  description        = "S3 Monitor assumes this role. It allows only reading."
  assume_role_policy = data.aws_iam_policy_document.trust.json

  lifecycle {
    precondition {
      condition     = var.external_id != "" || var.organization_id != ""
      error_message = "external_id or organization_id must be set."
    }
    precondition {
      condition     = var.athena_workgroup == "" || var.athena_results != ""
      error_message = "athena_results must be set with athena_workgroup."
    }
  }
}

resource "aws_iam_role_policy" "option" {
  for_each = local.policies

  name = each.key
  role = aws_iam_role.reader.name

  # The policies of docs/iam with this partition, and with values instead of their placeholders.
  policy = replace(replace(replace(replace(replace(replace(replace(each.value,
    "arn:aws:", "arn:${local.partition}:"),
    "INVENTORY-DESTINATION", var.inventory_destination),
    "EXPORT-BUCKET", var.export_bucket),
    "WORKGROUP", var.athena_workgroup),
    "ATHENA-RESULTS", var.athena_results),
    "DATABASE", var.athena_database),
  "role/s3-monitor-reader", "role/${var.role_name}")
}
