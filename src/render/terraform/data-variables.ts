import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { awsCron } from '../aws-cron.ts'
import { databaseIdentifier, fitName, rolePrefix } from '../names.ts'
import type { HclValue } from './hcl-text.ts'
import { replicaCidr } from './network-variables.ts'

export function databaseVariables(
  blueprint: ResolvedBlueprint,
  { name, settings }: ResolvedEnvironment,
): HclValue {
  const { database: given, tier } = settings
  if (given === false) return null
  const first = blueprint.project.replaceAll('-', '_')
  return {
    identifier: databaseIdentifier(blueprint.project, name),
    engine: given.engine,
    version: given.version,
    instance_class: given.instance,
    storage_gib: given.storage,
    port: given.engine.endsWith('postgres') || given.engine.endsWith('postgresql') ? 5432 : 3306,
    database_name: /^[a-z]/.test(first) ? first : null,
    multi_az: given.multiAz,
    deletion_protection: given.deletionProtection,
    final_snapshot: tier !== 'development',
    backup_retention_days: given.backupRetentionDays,
    replica:
      given.replicaRegion === undefined
        ? null
        : { region: given.replicaRegion, vpc_cidr: replicaCidr(blueprint, name) },
  }
}

/** AWS Backup: vaults have at most 50 characters, the copy's `-copy` among them. */
const VAULT_NAME_LENGTH = 45

export function backupVariables(
  { project }: ResolvedBlueprint,
  { name, settings }: ResolvedEnvironment,
): HclValue {
  const { backup } = settings
  if (backup === false) return null
  return {
    name: fitName(rolePrefix(project, name), VAULT_NAME_LENGTH),
    schedules: awsCron(backup.cron),
    retention_days: backup.retentionDays,
    copy_region: backup.copyTo ?? null,
  }
}
