import type { AwsLevel, AwsRole } from '../../blueprint/aws-roles.ts'
import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { controlPlaneRoleArn, peopleRoleName } from '../names.ts'
import { type LevelPolicy, levelPolicy } from './level-policies.ts'
import { type PolicyDocument, type PolicyStatement, policyDocument } from './policy-document.ts'

/** What a role of the blueprint is in the account of one environment. */
export interface AccountRole extends LevelPolicy {
  readonly environment: string
  readonly account: string
  readonly role: string
  readonly roleName: string
  readonly maxSessionSeconds: number
  readonly trust: PolicyDocument
}

/**
 * Every role of people in every account; environments without an account have none, and where no control plane is known
 * there is none that needs an approval: nobody could say that it was given.
 */
export function accountRoles(blueprint: ResolvedBlueprint): readonly AccountRole[] {
  return blueprint.environments.flatMap(environment =>
    Object.entries(blueprint.roles).flatMap(([role, aws]) => {
      const level = aws.levels[environment.name] ?? 'none'
      return level === 'none' ? [] : (accountRole(blueprint, environment, { role, aws, level }) ?? [])
    }),
  )
}

function accountRole(
  blueprint: ResolvedBlueprint,
  { name: environment, account, settings }: ResolvedEnvironment,
  {
    role,
    aws,
    level,
  }: { readonly role: string; readonly aws: AwsRole; readonly level: Exclude<AwsLevel, 'none'> },
): AccountRole | undefined {
  if (account === undefined) return undefined
  const maxSessionSeconds = Math.min(
    aws.maxSessionSeconds,
    aws.approvalRequired ? CHAINED_SESSION_SECONDS : Number.POSITIVE_INFINITY,
  )
  const trust = aws.approvalRequired
    ? controlPlaneTrust(blueprint, maxSessionSeconds)
    : peopleTrust(blueprint, { own: account.id, maxSessionSeconds })
  if (trust === undefined) return undefined
  return {
    environment,
    account: account.id,
    role,
    roleName: peopleRoleName(blueprint.project, environment, role),
    maxSessionSeconds,
    trust,
    ...levelPolicy(level, {
      project: blueprint.project,
      environment,
      account: account.id,
      region: settings.region ?? '*',
      cluster: settings.ecs.cluster,
    }),
  }
}

/** AWS ends what follows from another session after an hour ("Role chaining", IAM). */
const CHAINED_SESSION_SECONDS = 3600

/** IAM: no role can be told to end its sessions sooner, but its trust can refuse whoever asks for more. */
export const SHORTEST_LIMIT_SECONDS = 3600

/** Identities live in the management account; a second factor is asked for wherever they act. */
function peopleTrust(
  { organization, accounts }: ResolvedBlueprint,
  { own, maxSessionSeconds }: { readonly own: string; readonly maxSessionSeconds: number },
): PolicyDocument {
  const management = organization?.managementAccount
  const identities = (management === undefined ? undefined : accounts[management]?.id) ?? own
  return policyDocument([
    {
      Sid: 'PeopleWithSecondFactor',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${identities}:root` },
      Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
      Condition: {
        Bool: { 'aws:MultiFactorAuthPresent': 'true' },
        ...(maxSessionSeconds < SHORTEST_LIMIT_SECONDS ? atMost(maxSessionSeconds) : {}),
      },
    },
  ])
}

/**
 * AWS knows no approvals: a role that needs one trusts the control plane alone, which hands a session to a person after
 * the approval and names the person and the approval in it. Undefined where no control plane is known.
 */
function controlPlaneTrust(
  blueprint: ResolvedBlueprint,
  maxSessionSeconds: number,
): PolicyDocument | undefined {
  const controlPlane = controlPlaneRoleArn(blueprint)
  if (controlPlane === undefined) return undefined
  const Principal = { AWS: controlPlane }
  return policyDocument([
    {
      Sid: 'AfterApproval',
      Effect: 'Allow',
      Principal,
      Action: ['sts:AssumeRole'],
      Condition: {
        StringEquals: { 'sts:ExternalId': blueprint.project },
        StringLike: { 'sts:SourceIdentity': '?*', 'aws:RequestTag/sluice:approval': '?*' },
        ...atMost(maxSessionSeconds),
      },
    },
    { Sid: 'SayWhoAndWhy', Effect: 'Allow', Principal, Action: ['sts:SetSourceIdentity', 'sts:TagSession'] },
  ])
}

function atMost(seconds: number): NonNullable<PolicyStatement['Condition']> {
  return { NumericLessThanEquals: { 'sts:DurationSeconds': String(seconds) } }
}
