import type { EnvironmentSettings } from '../../blueprint/layer-environment.ts'
import type { ResolvedBlueprint } from '../../blueprint/resolve-blueprint.ts'
import { UserError } from '../../model/user-error.ts'
import { peopleRoleName } from '../names.ts'
import { type PolicyDocument, policyDocument } from './policy-document.ts'

/** What the service control policy of a guardrail says; a guardrail of the team's own is the file that it names. */
export function guardrailPolicy(blueprint: ResolvedBlueprint, name: string): PolicyDocument {
  switch (name) {
    case 'no-public-database':
      return noPublicDatabase()
    case 'audit-trail-locked':
      return auditTrailLocked()
    case 'allowed-regions':
      return allowedRegions(blueprint)
    case 'protected-deletion':
      return protectedDeletion(blueprint)
    default:
      return ownPolicy(blueprint, name)
  }
}

/**
 * The key is missing where a request leaves the choice to the subnet group: `IfExists` refuses that as well, so whoever
 * makes a database has to say that it is private. ModifyDBInstance has no such key ("Actions, resources, and condition
 * keys for Amazon RDS"): there the network, whose data subnets have no way to the internet, is the guard.
 */
function noPublicDatabase(): PolicyDocument {
  return policyDocument([
    {
      Sid: 'NoPublicDatabase',
      Effect: 'Deny',
      Action: [
        'rds:CreateDBInstance',
        'rds:CreateDBInstanceReadReplica',
        'rds:CreateDBShardGroup',
        'rds:RestoreDBInstanceFromDBSnapshot',
        'rds:RestoreDBInstanceFromS3',
        'rds:RestoreDBInstanceToPointInTime',
      ],
      Resource: '*',
      Condition: { BoolIfExists: { 'rds:PubliclyAccessible': 'true' } },
    },
  ])
}

function auditTrailLocked(): PolicyDocument {
  return policyDocument([
    {
      Sid: 'AuditTrailLocked',
      Effect: 'Deny',
      Action: [
        'cloudtrail:DeleteEventDataStore',
        'cloudtrail:DeleteTrail',
        'cloudtrail:PutEventSelectors',
        'cloudtrail:PutInsightSelectors',
        'cloudtrail:StopEventDataStoreIngestion',
        'cloudtrail:StopLogging',
        'cloudtrail:UpdateEventDataStore',
        'cloudtrail:UpdateTrail',
      ],
      Resource: '*',
    },
  ])
}

/** Services that answer from one region for the whole world ("Deny access to AWS based on the requested AWS Region"). */
const GLOBAL_ACTIONS: readonly string[] = [
  'access-analyzer:*',
  'account:*',
  'acm:*',
  'artifact:*',
  'aws-portal:*',
  'billing:*',
  'budgets:*',
  'ce:*',
  'chatbot:*',
  'cloudfront:*',
  'consolidatedbilling:*',
  'cur:*',
  'directconnect:*',
  'ec2:DescribeRegions',
  'ec2:DescribeTransitGateways',
  'ec2:DescribeVpnGateways',
  'ecr-public:*',
  'fms:*',
  'freetier:*',
  'globalaccelerator:*',
  'health:*',
  'iam:*',
  'invoicing:*',
  'networkmanager:*',
  'notifications:*',
  'organizations:*',
  'payments:*',
  'pricing:*',
  'resource-explorer-2:*',
  'route53:*',
  'route53-recovery-cluster:*',
  'route53-recovery-control-config:*',
  'route53-recovery-readiness:*',
  'route53domains:*',
  's3:GetAccountPublicAccessBlock',
  's3:ListAllMyBuckets',
  's3:PutAccountPublicAccessBlock',
  'savingsplans:*',
  'shield:*',
  'sso:*',
  'sts:*',
  'support:*',
  'supportplans:*',
  'sustainability:*',
  'tag:GetResources',
  'tax:*',
  'trustedadvisor:*',
  'waf:*',
  'wellarchitected:*',
]

function allowedRegions({ guardrails, accounts, environments }: ResolvedBlueprint): PolicyDocument {
  const regions = guardrails['allowed-regions']?.regions ?? [
    ...Object.values(accounts).flatMap(({ region }) => region ?? []),
    ...environments.flatMap(({ settings }) => regionsOf(settings)),
  ]
  // No region is the one of an empty list: everything would be refused everywhere.
  if (regions.length === 0)
    throw new UserError(
      'guardrails.allowed-regions',
      'allows no region: none is named, and no account has one',
      'add `regions`, or `region` to the accounts',
    )
  return policyDocument([
    {
      Sid: 'AllowedRegions',
      Effect: 'Deny',
      NotAction: GLOBAL_ACTIONS,
      Resource: '*',
      Condition: { StringNotEquals: { 'aws:RequestedRegion': [...new Set(regions)].toSorted() } },
    },
  ])
}

/** Where an environment has something: itself, the replica of its database, the copy of its backups. */
function regionsOf({ region, database, backup }: EnvironmentSettings): readonly string[] {
  const copies = [
    database === false ? undefined : database.replicaRegion,
    backup === false ? undefined : backup.copyTo,
  ]
  return [region, ...copies].flatMap(each => each ?? [])
}

function protectedDeletion({ project, environments, guardrails }: ResolvedBlueprint): PolicyDocument {
  const roles = guardrails['protected-deletion']?.roles ?? ['admin']
  const trusted = environments.flatMap(({ name, account }) =>
    account === undefined
      ? []
      : roles.map(role => `arn:aws:iam::${account.id}:role/${peopleRoleName(project, name, role)}`),
  )
  return policyDocument([
    {
      Sid: 'ProtectedDeletion',
      Effect: 'Deny',
      Action: [
        'backup:DeleteBackupVault',
        'backup:DeleteRecoveryPoint',
        'dynamodb:DeleteBackup',
        'dynamodb:DeleteTable',
        'kms:ScheduleKeyDeletion',
        'rds:DeleteDBCluster',
        'rds:DeleteDBClusterSnapshot',
        'rds:DeleteDBInstance',
        'rds:DeleteDBInstanceAutomatedBackup',
        'rds:DeleteDBSnapshot',
        'rds:DeleteGlobalCluster',
        's3:DeleteBucket',
        's3:DeleteBucketPolicy',
      ],
      Resource: '*',
      ...(trusted.length === 0
        ? {}
        : { Condition: { ArnNotEquals: { 'aws:PrincipalArn': [...new Set(trusted)].toSorted() } } }),
    },
  ])
}

function ownPolicy({ guardrails, files }: ResolvedBlueprint, name: string): PolicyDocument {
  const path = guardrails[name]?.policy
  const text = path === undefined ? undefined : files.get(path)
  if (text === undefined) throw new Error(`guardrail ${name} has no policy`)
  const { Version, Statement }: { Version?: unknown; Statement?: unknown } = JSON.parse(text)
  return { Version, Statement: Array.isArray(Statement) ? Statement : [Statement] } as PolicyDocument
}
