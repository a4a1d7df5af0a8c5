import type { AwsLevel } from '../../blueprint/aws-roles.ts'
import { databaseIdentifier, environmentName } from '../names.ts'
import { type PolicyDocument, type PolicyStatement, policyDocument } from './policy-document.ts'

export interface LevelPolicy {
  /** AWS's own policies. */
  readonly managedPolicies: readonly string[]
  /** What is allowed or refused beyond them. */
  readonly permissions: PolicyDocument
}

/** The environment whose resources a role is about. */
export interface LevelPlace {
  readonly project: string
  readonly environment: string
  readonly account: string
  /** `*` where the blueprint names none. */
  readonly region: string
  /** Of ECS. */
  readonly cluster: string
}

/** What a level of the blueprint means in an account; the Terraform module `roles` says the same. */
export function levelPolicy(level: Exclude<AwsLevel, 'none'>, place: LevelPlace): LevelPolicy {
  switch (level) {
    case 'admin':
      return {
        managedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'],
        permissions: policyDocument([{ Sid: 'Admin', Effect: 'Allow', Action: '*', Resource: '*' }]),
      }
    case 'operate':
      return {
        managedPolicies: VIEW_ONLY,
        permissions: policyDocument([...observe(place), ...operate(place), NO_SECRET_VALUES]),
      }
    case 'read':
      return {
        managedPolicies: VIEW_ONLY,
        permissions: policyDocument([...observe(place), NO_SECRET_VALUES]),
      }
    default:
      return level satisfies never
  }
}

/** Lists and descriptions of every service; unlike ReadOnlyAccess it reads no object, no queue and no table. */
const VIEW_ONLY = ['arn:aws:iam::aws:policy/job-function/ViewOnlyAccess']

/** Whoever looks at an environment sees its shape, never the values of its secrets. */
const NO_SECRET_VALUES: PolicyStatement = {
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
}

/** Logs, metrics and the state of what runs. */
function observe(place: LevelPlace): PolicyStatement[] {
  return [
    {
      Sid: 'ReadLogs',
      Effect: 'Allow',
      Action: [
        'logs:DescribeLogStreams',
        'logs:FilterLogEvents',
        'logs:GetLogEvents',
        'logs:GetQueryResults',
        'logs:StartLiveTail',
        'logs:StartQuery',
      ],
      Resource: arnOf(place, 'logs', `log-group:/${place.project}/${place.environment}/*`),
    },
    {
      Sid: 'ReadTasks',
      Effect: 'Allow',
      Action: ['ecs:DescribeClusters', 'ecs:DescribeServices', 'ecs:DescribeTasks'],
      Resource: [arnOf(place, 'ecs', `cluster/${place.cluster}`), ...ecsResources(place)],
    },
    {
      // None of these can be limited to single resources.
      Sid: 'ReadStates',
      Effect: 'Allow',
      Action: [
        'application-autoscaling:DescribeScalableTargets',
        'application-autoscaling:DescribeScalingActivities',
        'autoscaling:DescribeAutoScalingGroups',
        'cloudwatch:DescribeAlarms',
        'cloudwatch:GetDashboard',
        'cloudwatch:GetMetricData',
        'ecs:DescribeTaskDefinition',
        'elasticloadbalancing:DescribeListeners',
        'elasticloadbalancing:DescribeRules',
        'elasticloadbalancing:DescribeTargetGroups',
        'elasticloadbalancing:DescribeTargetHealth',
        'logs:StopQuery',
      ],
      Resource: '*',
    },
  ]
}

/** Keeps things running: nothing is made or deleted, no right is given, and no shell is opened where secrets can be read. */
function operate(place: LevelPlace): PolicyStatement[] {
  const name = environmentName(place.project, place.environment)
  const database = databaseIdentifier(place.project, place.environment)
  return [
    {
      Sid: 'RunServices',
      Effect: 'Allow',
      Action: ['ecs:StopTask', 'ecs:UpdateService'],
      Resource: ecsResources(place),
    },
    {
      Sid: 'RunGroups',
      Effect: 'Allow',
      Action: ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
      Resource: arnOf(place, 'autoscaling', `autoScalingGroup:*:autoScalingGroupName/${name}-*`),
    },
    {
      Sid: 'RestartDatabases',
      Effect: 'Allow',
      Action: ['rds:FailoverDBCluster', 'rds:RebootDBInstance'],
      // An Aurora cluster numbers its instances.
      Resource: ['cluster', 'db'].flatMap(kind => [
        arnOf(place, 'rds', `${kind}:${database}`),
        arnOf(place, 'rds', `${kind}:${database}-?`),
      ]),
    },
    {
      Sid: 'SilenceAlarms',
      Effect: 'Allow',
      Action: ['cloudwatch:DisableAlarmActions', 'cloudwatch:EnableAlarmActions'],
      Resource: arnOf(place, 'cloudwatch', `alarm:${name}-*`),
    },
  ]
}

const ecsResources = (place: LevelPlace): readonly string[] => [
  arnOf(place, 'ecs', `service/${place.cluster}/*`),
  arnOf(place, 'ecs', `task/${place.cluster}/*`),
]

const arnOf = ({ region, account }: LevelPlace, service: string, resource: string): string =>
  `arn:aws:${service}:${region}:${account}:${resource}`
