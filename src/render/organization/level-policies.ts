import type { AwsLevel } from '../../blueprint/aws-roles.ts'
import { type PolicyDocument, policyDocument } from './policy-document.ts'

export interface LevelPolicy {
  /** AWS's own policies. */
  readonly managedPolicies: readonly string[]
  /** What is allowed or refused beyond them. */
  readonly permissions: PolicyDocument
}

/** Whoever looks at an environment sees its shape, never the values of its secrets. */
const NO_SECRET_VALUES = {
  Sid: 'NoSecretValues',
  Effect: 'Deny',
  Action: [
    'kms:Decrypt',
    'secretsmanager:BatchGetSecretValue',
    'secretsmanager:GetSecretValue',
    'ssm:GetParameter',
    'ssm:GetParameterHistory',
    'ssm:GetParameters',
    'ssm:GetParametersByPath',
  ],
  Resource: '*',
} as const

/**
 * Keeps things running: nothing is created or deleted, no right is given, and no shell is opened where a service's secrets
 * can be read.
 */
const OPERATE = {
  Sid: 'Operate',
  Effect: 'Allow',
  Action: [
    'application-autoscaling:RegisterScalableTarget',
    'autoscaling:ResumeProcesses',
    'autoscaling:SetDesiredCapacity',
    'autoscaling:SetInstanceHealth',
    'autoscaling:SuspendProcesses',
    'autoscaling:TerminateInstanceInAutoScalingGroup',
    'backup:StartBackupJob',
    'cloudwatch:DisableAlarmActions',
    'cloudwatch:EnableAlarmActions',
    'cloudwatch:SetAlarmState',
    'ec2:RebootInstances',
    'ecs:StopTask',
    'ecs:UpdateService',
    'eks:AccessKubernetesApi',
    'eks:DescribeCluster',
    'elasticloadbalancing:DeregisterTargets',
    'elasticloadbalancing:ModifyListener',
    'elasticloadbalancing:ModifyRule',
    'elasticloadbalancing:RegisterTargets',
    'rds:CreateDBClusterSnapshot',
    'rds:CreateDBSnapshot',
    'rds:FailoverDBCluster',
    'rds:RebootDBInstance',
  ],
  Resource: '*',
} as const

/** What each level of the blueprint means in an account. */
export const LEVEL_POLICIES: Readonly<Record<Exclude<AwsLevel, 'none'>, LevelPolicy>> = {
  admin: {
    managedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'],
    permissions: policyDocument([{ Sid: 'Admin', Effect: 'Allow', Action: '*', Resource: '*' }]),
  },
  operate: {
    managedPolicies: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
    permissions: policyDocument([OPERATE, NO_SECRET_VALUES]),
  },
  read: {
    managedPolicies: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
    permissions: policyDocument([NO_SECRET_VALUES]),
  },
}
