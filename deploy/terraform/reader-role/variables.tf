variable "trusted_account_id" {
  description = "Account id of the principal that runs S3 Monitor."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.trusted_account_id))
    error_message = "trusted_account_id must have 12 digits."
  }
}

variable "trusted_principal" {
  description = "The principal in that account, such as role/jenkins. It may contain * as a wildcard."
  type        = string

  validation {
    condition     = can(regex("^(role|user)/[\\w+=,.@/*-]+$", var.trusted_principal))
    error_message = "trusted_principal must be role/NAME or user/NAME."
  }
}

variable "external_id" {
  description = "External id that S3 Monitor must send (external_id in shards.yaml). Empty: none."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^([\\w+=,.@:/-]{2,1224})?$", var.external_id))
    error_message = "external_id must have 2 to 1224 letters, digits or the characters _+=,.@:/-."
  }
}

variable "organization_id" {
  description = "The principal must belong to this organization, such as o-a1b2c3d4e5. Empty: not checked."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^(o-[a-z0-9]{10,32})?$", var.organization_id))
    error_message = "organization_id must be o- and 10 to 32 letters or digits."
  }
}

variable "role_name" {
  description = "Name of the role, the same in all accounts."
  type        = string
  default     = "s3-monitor-reader"
}

variable "bucket_configuration" {
  description = "Allow reading the configuration and tags of buckets (details and requests)."
  type        = bool
  default     = true
}

variable "objects" {
  description = "Allow listing object versions, unfinished uploads and directory buckets (objects and versions)."
  type        = bool
  default     = true
}

variable "inventory_destination" {
  description = "Bucket with S3 Inventory reports (inventory). Empty: none."
  type        = string
  default     = ""
}

variable "export_bucket" {
  description = "Bucket with billing exports (exports). Empty: none."
  type        = string
  default     = ""
}

variable "doctor" {
  description = "Allow the simulation of this role's policies (s3-monitor doctor)."
  type        = bool
  default     = true
}

variable "athena_workgroup" {
  description = "Athena workgroup (inventory.workgroup). Empty: Athena is not used."
  type        = string
  default     = ""
}

variable "athena_database" {
  description = "Glue database with the tables of the inventories (inventory.database)."
  type        = string
  default     = "default"
}

variable "athena_results" {
  description = "Bucket with Athena's query results (inventory.output). Required with athena_workgroup."
  type        = string
  default     = ""
}

variable "bill" {
  description = "Allow reading costs from Cost Explorer (costs). Only in the management account."
  type        = bool
  default     = false
}

variable "storage_lens" {
  description = "Allow looking for Storage Lens exports and reading which buckets they cover (objects storage-lens)."
  type        = bool
  default     = false
}

variable "organization" {
  description = "Allow listing the accounts of the organization. Only in the management or a delegated account."
  type        = bool
  default     = false
}
