import { z } from 'zod'
import { parseCidr } from '../cidr.ts'
import { cronProblem, isTimeZone } from '../cron.ts'
import { suggest } from '../nearest-name.ts'
import { DURATION, MEMORY, parseDuration, parseMemory } from '../units.ts'

/** The kinds of value that fields are made of. `title` names the kind in messages and in the reference. */

/** Puts a rule's own words into the problem that is reported. */
export function refuse(context: z.RefinementCtx, problem: { what: string; remedy: string }): void {
  context.addIssue({ code: 'custom', message: problem.what, params: { remedy: problem.remedy } })
}

/**
 * RFC 1123 label, short enough to leave room for `-green` and a hash in every system's names. `constructor` is found in
 * every plain object, whether somebody wrote it or not.
 */
export const name = z
  .string()
  .regex(/^(?!\d+$|constructor$)[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/)
  .meta({
    title: 'a name (lower-case letters, digits and -, at most 40, not digits alone, not constructor)',
    examples: ['web'],
  })

export const text = z
  .string()
  .min(1)
  .max(1000)
  .meta({ title: 'text', examples: ['text'] })

export const flag = z.boolean().meta({ title: 'true or false', examples: [true] })

export const duration = z
  .union([
    z.string().regex(DURATION),
    z
      .int()
      .min(0)
      .max(366 * 86_400),
  ])
  .transform((value, context) => {
    const seconds = typeof value === 'number' ? value : parseDuration(value)
    if (seconds <= 366 * 86_400) return seconds
    refuse(context, { what: `${value} is longer than a year`, remedy: 'write at most 366d' })
    return z.NEVER
  })
  .meta({ title: 'a duration (or a number of seconds)', examples: ['30s', '10m', '1h30m', '7d'] })

export const positiveDuration = duration
  .refine(seconds => seconds > 0, { error: 'is 0', params: { remedy: 'write at least 1s' } })
  .meta({ title: 'a duration longer than 0', examples: ['30s', '10m', '1h30m', '7d'] })

export const memory = z
  .union([z.string().regex(MEMORY), z.int().min(1)])
  .transform(value => (typeof value === 'number' ? value : parseMemory(value)))
  .meta({ title: 'a size of memory (or a number of MiB)', examples: ['512Mi', '2Gi', 1024] })

export const port = z
  .int()
  .min(1)
  .max(65_535)
  .meta({ title: 'a port', examples: [3000] })

export const count = z
  .int()
  .min(0)
  .max(10_000)
  .meta({ title: 'a whole number', examples: [3] })

export const percent = z
  .int()
  .min(1)
  .max(100)
  .meta({ title: 'a percentage', examples: [20] })

export const share = z
  .number()
  .min(0)
  .max(1)
  .meta({ title: 'a share from 0 to 1', examples: [0.05] })

export const milliseconds = z
  .int()
  .min(1)
  .meta({ title: 'a number of milliseconds', examples: [500] })

export const cron = z
  .string()
  .max(200)
  .superRefine((value, context) => {
    const problem = cronProblem(value)
    if (problem !== undefined) refuse(context, problem)
  })
  .meta({ title: 'a cron expression of five fields', examples: ['0 19 * * FRI'] })

export const timezone = z
  .string()
  .superRefine((value, context) => {
    if (isTimeZone(value)) return
    const known = [...Intl.supportedValuesOf('timeZone'), 'UTC']
    const near = suggest(value, known)
    const remedy = near.startsWith('did you mean') ? near : 'write an IANA name such as Asia/Tokyo or UTC'
    refuse(context, { what: `${JSON.stringify(value)} is no time zone`, remedy })
  })
  .meta({ title: 'a time zone (IANA)', examples: ['Asia/Tokyo'] })

export const cidr = z
  .string()
  .superRefine((value, context) => {
    if (parseCidr(value) !== undefined) return
    const remedy = 'write an IPv4 network whose address has no bits behind the prefix, such as 10.20.0.0/16'
    refuse(context, { what: `${JSON.stringify(value)} is no network`, remedy })
  })
  .meta({ title: 'an IPv4 network (CIDR)', examples: ['10.20.0.0/16'] })

/** An AWS account: 12 digits. YAML reads unquoted digits as a number, which is fine unless the first is 0. */
export const accountId = z
  .union([z.string().regex(/^\d{12}$/), z.int()])
  .transform(String)
  .refine(id => /^\d{12}$/.test(id), {
    error: 'does not have 12 digits',
    params: { remedy: 'write all 12, in quotes when the first is 0' },
  })
  .meta({ title: 'an AWS account of 12 digits', examples: ['111122223333'] })

export const region = z
  .string()
  .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/)
  .meta({ title: 'an AWS region', examples: ['ap-northeast-1'] })

export const email = z
  .string()
  .regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/)
  .meta({ title: 'a mail address', examples: ['ops@example.com'] })

export const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .refine(value => !Number.isNaN(Date.parse(value)) && new Date(value).toISOString().startsWith(value), {
    error: 'is no day of the calendar',
    params: { remedy: 'write year-month-day, such as 2027-03-31' },
  })
  .meta({ title: 'a day (year-month-day)', examples: ['2027-03-31'] })

/** Relative, with forward slashes, and never out of the folder of the blueprint. */
export const projectPath = z
  .string()
  .min(1)
  .max(500)
  .superRefine((value, context) => {
    const remedy = 'name a path below the folder of the blueprint, such as ./config/settings.json'
    if (/^[/~\\]|^[A-Za-z]:/.test(value)) refuse(context, { what: `${value} is not relative`, remedy })
    else if (value.split(/[/\\]/).includes('..'))
      refuse(context, { what: `${value} leaves the project`, remedy })
    else if (/[\p{Cc}\\]/u.test(value))
      refuse(context, { what: `${JSON.stringify(value)} is no plain path`, remedy })
  })
  .meta({ title: 'a path inside the project', examples: ['./config/settings.json'] })

/** Where a file appears in the container. */
export const mountPath = z
  .string()
  .regex(/^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)+$/)
  .max(500)
  .meta({ title: 'an absolute path in the container', examples: ['/etc/config/settings.json'] })

export const urlPath = z
  .string()
  .regex(/^\/[^\s?#*]*$/)
  .max(500)
  .meta({ title: 'a path that begins with /', examples: ['/health'] })

export const hostName = z
  .string()
  .regex(/^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$|^localhost$/)
  .max(253)
  .meta({ title: 'a host name', examples: ['shop.example.com'] })

export const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
  .max(200)
  .meta({ title: 'the name of an environment variable', examples: ['DATABASE_URL'] })

export const commandLine = z
  .union([z.string().regex(/^[^"'`\\|&;<>()$*?#~\n]+$/), z.array(z.string().max(4000)).min(1).max(100)])
  .transform(value => (typeof value === 'string' ? value.trim().split(/\s+/) : value))
  .refine(words => words[0] !== '', { error: 'is empty', params: { remedy: 'name a program' } })
  .meta({
    title: 'a command (plain words, or a list where quotes or signs are needed)',
    examples: ['node server.js', ['node', 'server.js', '--title=My shop']],
  })

export const arn = z
  .string()
  .regex(/^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d{0,12}:\S+$/)
  .meta({ title: 'an ARN', examples: ['arn:aws:acm:ap-northeast-1:111122223333:certificate/abc'] })

/** A part that is off unless it is asked for: `true` asks for it with every default, `false` takes it away again. */
export function part<Shape extends Readonly<Record<string, z.ZodOptional>>>(shape: Shape) {
  const content = z.strictObject(shape)
  return z.union([z.boolean(), content]).transform(given => (given === true ? content.parse({}) : given))
}

/** An entry of a map that an environment may take away with null. */
export function removable<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullable()
}
