import { valueAt } from '../../blueprint/plain-data.ts'
import type { ResourceChange } from './plan-json.ts'

/** Why data would be gone, now or as soon as somebody slips; undefined where none is at stake. */
export function dataLoss(resource: ResourceChange, action: string): string | undefined {
  const held = HELD[resource.type]
  if (held !== undefined && (action === 'destroy' || action === 'replace')) {
    return action === 'destroy'
      ? `${held} would be gone`
      : `${held} would be gone: a new, empty one takes its place`
  }
  return action === 'change' ? lostProtection(resource) : undefined
}

/** What is lost with a resource that holds something which Terraform cannot make again. */
const HELD: Readonly<Partial<Record<string, string>>> = {
  aws_db_instance: 'the database with everything in it',
  aws_rds_cluster: 'the database with everything in it',
  aws_rds_global_cluster: 'the database with everything in it',
  aws_docdb_cluster: 'the database with everything in it',
  aws_neptune_cluster: 'the database with everything in it',
  aws_redshift_cluster: 'the warehouse with everything in it',
  aws_dynamodb_table: 'the table with everything in it',
  aws_elasticache_cluster: 'what the cache holds',
  aws_elasticache_replication_group: 'what the cache holds',
  aws_memorydb_cluster: 'the database with everything in it',
  aws_opensearch_domain: 'the search index',
  aws_s3_bucket: 'the bucket with everything in it',
  aws_s3_bucket_versioning: 'what undoes a deletion in the bucket',
  aws_s3_directory_bucket: 'the bucket with everything in it',
  aws_secretsmanager_secret: 'the secret and its former versions',
  aws_ssm_parameter: 'the parameter and its former versions',
  aws_kms_key: 'the key, and with it all that it encrypted,',
  aws_kms_replica_key: 'the key, and with it all that it encrypted,',
  aws_ebs_volume: 'the volume with everything on it',
  aws_efs_file_system: 'the file system with everything on it',
  aws_fsx_lustre_file_system: 'the file system with everything on it',
  aws_fsx_ontap_file_system: 'the file system with everything on it',
  aws_fsx_openzfs_file_system: 'the file system with everything on it',
  aws_fsx_windows_file_system: 'the file system with everything on it',
  aws_ecr_repository: 'the repository with the images that run, and that a rollback needs,',
  aws_ebs_snapshot: 'the snapshot',
  aws_db_snapshot: 'the snapshot',
  aws_db_cluster_snapshot: 'the snapshot',
  aws_backup_vault: 'the vault with its backups',
  aws_backup_vault_lock_configuration: 'the lock that keeps backups from being deleted',
  aws_cloudwatch_log_group: 'the logs',
  aws_cloudtrail: 'the audit trail',
  aws_cloudtrail_event_data_store: 'the audit trail',
  aws_sqs_queue: 'the messages that wait',
  aws_kinesis_stream: 'the records that are not read yet',
  aws_msk_cluster: 'the records that are kept',
  aws_mq_broker: 'the messages that wait',
  aws_cognito_user_pool: 'the users and their passwords',
  aws_eks_cluster: 'the cluster with everything that it keeps',
  aws_organizations_account: 'the account with everything in it',
  kubernetes_persistent_volume: 'the volume with everything on it',
  kubernetes_persistent_volume_claim: 'the volume with everything on it',
  kubernetes_persistent_volume_claim_v1: 'the volume with everything on it',
}

const PROTECTIONS = ['deletion_protection', 'deletion_protection_enabled', 'enable_deletion_protection']
/** With these a resource is deleted although it is not empty, or without a last snapshot. */
const RECKLESS = ['force_destroy', 'force_delete', 'skip_final_snapshot']
const RETENTIONS: Readonly<Record<string, string>> = {
  retention_in_days: 'logs',
  backup_retention_period: 'backups',
  snapshot_retention_limit: 'snapshots',
  delete_after: 'backups',
}

function lostProtection({ change: { before, after } }: ResourceChange): string | undefined {
  const turned = (field: string, value: boolean) =>
    valueAt(before, [field]) === !value && valueAt(after, [field]) === value
  if (PROTECTIONS.some(field => turned(field, false))) return 'its protection from deletion would be off'
  const reckless = RECKLESS.find(field => turned(field, true))
  if (reckless !== undefined) return `${reckless} would be on: it could be deleted with all that it holds`
  return shorterRetention(before, after)
}

/** 0 days: logs are kept for ever, backups not at all. */
function shorterRetention(before: unknown, after: unknown): string | undefined {
  for (const [field, what] of Object.entries(RETENTIONS)) {
    const [old, now] = [valueAt(before, [field]), valueAt(after, [field])]
    if (typeof old !== 'number' || typeof now !== 'number') continue
    const days = (value: number) =>
      field === 'retention_in_days' && value === 0 ? Number.POSITIVE_INFINITY : value
    if (days(now) < days(old)) return `${what} older than ${now} ${now === 1 ? 'day' : 'days'} would be gone`
  }
  return undefined
}
