import { z } from 'zod'
import { freeze, gate } from './gate.ts'
import * as infrastructure from './infrastructure.ts'
import * as platform from './platform.ts'
import { serviceFields } from './service.ts'
import * as value from './values.ts'

/** Fields that an environment has, and that the top of the blueprint may set for all environments. */
export const sharedEnvironmentShape = {
  target: z
    .enum(['local', 'kubernetes', 'ecs', 'ec2'])
    .meta({
      title: 'local, kubernetes, ecs or ec2',
      description: 'What runs the services.',
      examples: ['ecs'],
    })
    .optional(),
  ecs: platform.ecs
    .meta({ description: 'Amazon ECS, for target `ecs`.', examples: [{ capacity: 'fargate' }] })
    .optional(),
  ec2: platform.ec2
    .meta({ description: 'Auto scaling groups, for target `ec2`.', examples: [{ instanceType: 't3.micro' }] })
    .optional(),
  kubernetes: platform.kubernetes
    .meta({
      description: 'A cluster, for target `kubernetes`.',
      examples: [{ context: 'shop-prod', switch: 'gateway' }],
    })
    .optional(),
  loadBalancer: platform.loadBalancer
    .meta({ description: 'The load balancer in front.', examples: [{ internal: true }] })
    .optional(),
  network: infrastructure.network
    .meta({ description: 'The environment’s own network.', examples: [{ cidr: '10.10.0.0/16' }] })
    .optional(),
  database: infrastructure.database
    .meta({
      description: 'A managed database, never reachable from the internet. `true` takes every default.',
      examples: [{ engine: 'postgres', version: '17' }, true],
    })
    .optional(),
  monitoring: infrastructure.monitoring
    .meta({
      description: 'Logs, alarms, dashboards.',
      examples: [{ alarms: true, notify: ['ops@example.com'] }],
    })
    .optional(),
  backup: infrastructure.backup
    .meta({
      description: 'Backups beside those of the database itself.',
      examples: [{ retentionDays: 35, copyTo: 'ap-southeast-1' }],
    })
    .optional(),
  region: value.region.meta({ description: 'Region; the account’s without it.' }).optional(),
} as const

export const environment = z
  .strictObject({
    tier: z
      .enum(['development', 'staging', 'production'])
      .meta({
        title: 'development, staging or production',
        description:
          'Which defaults hold. Default: production where no environment comes after, development for the first, staging between.',
        examples: ['staging'],
      })
      .optional(),
    account: value.name
      .meta({
        description: 'The account it lives in. Default: the account of the same name, if there is one.',
        examples: ['prod'],
      })
      .optional(),
    after: value.name
      .meta({
        description: 'The environment that a release must have passed. Default: the one written before.',
        examples: ['staging'],
      })
      .optional(),
    promotion: z
      .enum(['manual', 'automatic'])
      .meta({
        title: 'manual or automatic',
        description: 'automatic: a release that succeeded in the environment before is promoted by itself.',
        examples: ['automatic'],
      })
      .optional(),
    gate: gate
      .meta({ description: 'What a release needs to enter.', examples: [{ soak: '30m', checks: ['tests'] }] })
      .optional(),
    freezes: z
      .record(value.name, value.removable(freeze))
      .meta({
        title: 'a map of freezes',
        description: 'Times in which nothing is promoted, by name; a rollback always is.',
        examples: [{ weekend: { cron: '0 16 * * FRI', duration: '64h', timezone: 'Asia/Tokyo' } }],
      })
      .optional(),
    onFailure: z
      .enum(['stop', 'take-back'])
      .meta({
        title: 'stop or take-back',
        description:
          'When a service of a release fails: stop the rest, or take back those that had switched as well.',
        examples: ['take-back'],
      })
      .optional(),
    mirrors: value.name
      .meta({
        description: 'The environment that this one has to be like, sizes and counts aside.',
        examples: ['prod'],
      })
      .optional(),
    local: z
      .strictObject({
        port: value.port
          .meta({ description: 'Port that users reach. Default: 8081, 8082, … in order.', examples: [8081] })
          .optional(),
      })
      .meta({
        description: 'The local target; also used when another target is rehearsed on a laptop.',
        examples: [{ port: 8081 }],
      })
      .optional(),
    schedules: z
      .record(value.name, value.removable(infrastructure.idle))
      .meta({
        title: 'a map of schedules',
        description: 'When the environment is idle and stopped, by name.',
        examples: [
          { nights: { stop: '0 20 * * MON-FRI', start: '0 8 * * MON-FRI', timezone: 'Asia/Tokyo' } },
        ],
      })
      .optional(),
    budget: infrastructure.budget
      .meta({ description: 'What it may cost.', examples: [{ monthly: 200 }] })
      .optional(),
    dns: infrastructure.dns
      .meta({ description: 'Name and certificate.', examples: [{ host: 'shop.example.com' }] })
      .optional(),
    ...sharedEnvironmentShape,
    defaults: serviceFields
      .meta({ description: 'Fields of every service here.', examples: [{ replicas: 3 }] })
      .optional(),
    services: z
      .record(value.name, serviceFields)
      .meta({
        title: 'a map of services',
        description: 'Fields of single services here; they win over everything else.',
        examples: [{ web: { replicas: 5 } }],
      })
      .optional(),
  })
  .meta({
    id: 'Environment',
    title: 'an environment',
    description: 'One place where releases run.',
    examples: [{ gate: { soak: '30m' }, defaults: { replicas: 3 } }],
  })
