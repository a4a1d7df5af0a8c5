import type { AwsLevel, AwsRole } from '../../blueprint/aws-roles.ts'
import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { controlPlaneRoleArn, peopleRoleName } from '../names.ts'
import { LEVEL_POLICIES, type LevelPolicy } from './level-policies.ts'
import { type PolicyDocument, policyDocument } from './policy-document.ts'

/** What a role of the blueprint is in the account of one environment. */
export interface AccountRole extends LevelPolicy {
  readonly environment: string
  readonly account: string
  readonly role: string
  readonly roleName: string
  readonly maxSessionSeconds: number
  readonly trust: PolicyDocument
}

/** Every role of people in every account; environments without an account have none. */
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
  { name: environment, account }: ResolvedEnvironment,
  {
    role,
    aws,
    level,
  }: { readonly role: string; readonly aws: AwsRole; readonly level: Exclude<AwsLevel, 'none'> },
): AccountRole | undefined {
  if (account === undefined) return undefined
  return {
    environment,
    account: account.id,
    role,
    roleName: peopleRoleName(blueprint.project, environment, role),
    maxSessionSeconds: aws.maxSessionSeconds,
    trust: aws.approvalRequired
      ? controlPlaneTrust(blueprint, account.id)
      : peopleTrust(blueprint, account.id),
    ...LEVEL_POLICIES[level],
  }
}

/** Identities live in the management account; a second factor is asked for wherever they act. */
function peopleTrust({ organization, accounts }: ResolvedBlueprint, own: string): PolicyDocument {
  const management = organization?.managementAccount
  const identities = (management === undefined ? undefined : accounts[management]?.id) ?? own
  return policyDocument([
    {
      Sid: 'PeopleWithSecondFactor',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${identities}:root` },
      Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
      Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
    },
  ])
}

/**
 * AWS knows no approvals: a role that needs one trusts the control plane alone, which hands a session to a person after
 * the approval and names the person in it.
 */
function controlPlaneTrust(blueprint: ResolvedBlueprint, own: string): PolicyDocument {
  return policyDocument([
    {
      Sid: 'AfterApproval',
      Effect: 'Allow',
      Principal: { AWS: controlPlaneRoleArn(blueprint) ?? `arn:aws:iam::${own}:root` },
      Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
      Condition: {
        StringEquals: { 'sts:ExternalId': blueprint.project },
        StringLike: { 'sts:SourceIdentity': '*' },
      },
    },
  ])
}
