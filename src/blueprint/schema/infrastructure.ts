import { z } from 'zod'
import * as value from './values.ts'

const databaseInstance = z
  .string()
  .regex(/^db\.[a-z0-9-]+\.[a-z0-9-]+$/)
  .meta({ title: 'a database instance type', examples: ['db.t4g.medium'] })

export const network = z.strictObject({
  cidr: value.cidr
    .meta({
      description:
        'Addresses of the environment’s own network; no two environments overlap. Default: 10.10.0.0/16, 10.20.0.0/16, … in order.',
      examples: ['10.10.0.0/16'],
    })
    .optional(),
  zones: z
    .int()
    .min(2)
    .max(6)
    .meta({ title: 'a whole number', description: 'Availability zones.', examples: [3] })
    .optional(),
  nat: z
    .enum(['none', 'one', 'per-zone'])
    .meta({
      title: 'none, one or per-zone',
      description: 'NAT gateways: `one` is cheap, `per-zone` survives the loss of a zone.',
      examples: ['per-zone'],
    })
    .optional(),
  flowLogs: value.flag.meta({ description: 'Keeps a log of connections.' }).optional(),
  endpoints: value.flag
    .meta({ description: 'Private endpoints for the AWS services that are used.' })
    .optional(),
})

export const database = value.part({
  engine: z
    .enum(['postgres', 'mysql', 'mariadb', 'aurora-postgresql', 'aurora-mysql'])
    .meta({ title: 'an engine', description: 'Kind of database.', examples: ['postgres'] })
    .optional(),
  version: z
    .string()
    .regex(/^\d+(?:\.\d+)*$/)
    .meta({ title: 'a version in quotes', description: 'Version of the engine.', examples: ['17'] })
    .optional(),
  instance: databaseInstance.meta({ description: 'Size.' }).optional(),
  storage: z
    .int()
    .min(20)
    .max(65_536)
    .meta({ title: 'a number of GiB', description: 'Storage in GiB.', examples: [50] })
    .optional(),
  multiAz: value.flag.meta({ description: 'A standby in another zone.' }).optional(),
  deletionProtection: value.flag.meta({ description: 'Refuses to be deleted.' }).optional(),
  backupRetentionDays: z
    .int()
    .min(0)
    .max(35)
    .meta({ title: 'a number of days', description: 'How long automatic backups are kept.', examples: [7] })
    .optional(),
  replicaRegion: value.region
    .meta({ description: 'A read replica in another region, to fail over to.', examples: ['ap-southeast-1'] })
    .optional(),
})

const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const

const notify = z.array(value.email).max(20)

/** Never says what it found: it may be a password. */
function serverProblem(text: string): { what: string; remedy: string } | undefined {
  const { username, password, search, hash } = new URL(text)
  if (username !== '' || password !== '')
    return {
      what: 'has a user or a password in it',
      remedy: 'remove it, and give a token to the server in SLUICE_PROMETHEUS_TOKEN',
    }
  if (search !== '' || hash !== '')
    return { what: 'goes on after its path', remedy: 'write it without ? and #' }
  return undefined
}

export const monitoring = z.strictObject({
  logRetentionDays: z
    .literal(RETENTION_DAYS)
    .meta({
      title: 'a number of days that CloudWatch has',
      description: 'How long logs are kept.',
      examples: [30],
    })
    .optional(),
  alarms: value.flag
    .meta({ description: 'Alarms on errors, latency, missing instances and full databases.' })
    .optional(),
  dashboard: value.flag.meta({ description: 'A dashboard of every service.' }).optional(),
  notify: notify
    .meta({ title: 'a list of mail addresses', description: 'Who is told.', examples: [['ops@example.com']] })
    .optional(),
  prometheus: z
    .url({ protocol: /^https?$/ })
    .superRefine((text, context) => {
      const problem = serverProblem(text)
      if (problem !== undefined) value.refuse(context, problem)
    })
    .meta({
      title: 'a URL',
      description:
        'Prometheus server that measures the services of a cluster; rollouts ask it, with the token in the variable SLUICE_PROMETHEUS_TOKEN of Sluice’s server if there is one.',
      examples: ['http://prometheus.monitoring:9090'],
    })
    .optional(),
})

export const backup = value.part({
  cron: value.cron.meta({ description: 'When, in UTC.', examples: ['0 3 * * *'] }).optional(),
  retentionDays: z
    .int()
    .min(1)
    .max(36_500)
    .meta({ title: 'a number of days', description: 'How long backups are kept.', examples: [35] })
    .optional(),
  copyTo: value.region
    .meta({ description: 'Another region that holds a copy.', examples: ['ap-southeast-1'] })
    .optional(),
})

export const budget = z.strictObject({
  monthly: z
    .number()
    .min(1)
    .meta({ title: 'an amount', description: 'US dollars a month.', examples: [200] }),
  alertAt: z
    .array(z.int().min(1).max(1000))
    .min(1)
    .max(5)
    .meta({
      title: 'a list of percentages',
      description: 'Who is told at which parts of it.',
      examples: [[80, 100]],
      default: [80, 100],
    })
    .optional(),
  notify: notify
    .max(10)
    .meta({
      title: 'a list of mail addresses',
      description: 'Who is told.',
      examples: [['finance@example.com']],
    })
    .optional(),
})

export const dns = z.strictObject({
  host: value.hostName.meta({
    description: 'Name that users reach the environment by.',
    examples: ['shop.example.com'],
  }),
  zone: value.hostName
    .meta({ description: 'Hosted zone that the name is written to.', examples: ['example.com'] })
    .optional(),
  certificate: value.arn.meta({ description: 'Certificate; without it one is asked for.' }).optional(),
})

export const idle = z.strictObject({
  stop: value.cron.meta({
    description: 'When everything that costs money is stopped.',
    examples: ['0 20 * * MON-FRI'],
  }),
  start: value.cron.meta({ description: 'When it is started again.', examples: ['0 8 * * MON-FRI'] }),
  timezone: value.timezone
    .meta({ description: 'Time zone of both.', default: 'UTC', examples: ['Asia/Tokyo'] })
    .optional(),
})
