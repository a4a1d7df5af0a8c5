import { z } from 'zod'
import * as value from './values.ts'

export const configValue = z
  .union([z.string().max(32_768), z.number(), z.boolean()])
  .transform(String)
  .meta({ title: 'text, a number or true/false', examples: ['info'] })

export const file = z
  .union([
    value.projectPath,
    z.strictObject({
      source: value.projectPath.meta({
        description: 'A file of the project.',
        examples: ['./config/settings.json'],
      }),
    }),
    z.strictObject({
      content: z
        .string()
        .max(1_048_576)
        .meta({ title: 'text', description: 'The content itself.', examples: ['{"theme": "dark"}\n'] }),
    }),
  ])
  .transform(given => {
    if (typeof given === 'string') return { kind: 'source', path: given } as const
    if ('source' in given) return { kind: 'source', path: given.source } as const
    return { kind: 'content', content: given.content } as const
  })

const secretName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,62}$/)
  .meta({ title: 'the name of a secret (letters, digits, _ . -)', examples: ['DATABASE_URL'] })

const rotate = value.positiveDuration
  .meta({ description: 'How often the secret store replaces the value.', examples: ['30d'] })
  .optional()

const secretPlace = z
  .union([
    z.strictObject({
      variable: value.variable.meta({
        description: 'The environment variable that holds the value.',
        examples: ['DATABASE_URL'],
      }),
      rotate,
    }),
    z.strictObject({
      file: value.mountPath.meta({
        description: 'The file that holds the value.',
        examples: ['/etc/secrets/db-password'],
      }),
      rotate,
    }),
  ])
  .transform(given => {
    const kept = given.rotate === undefined ? {} : { rotate: given.rotate }
    return 'variable' in given
      ? ({ kind: 'variable', name: given.variable, ...kept } as const)
      : ({ kind: 'file', path: given.file, ...kept } as const)
  })

export const secrets = z
  .union([z.array(value.variable).max(200), z.record(secretName, value.removable(secretPlace))])
  .transform(given => {
    if (!Array.isArray(given)) return given
    return Object.fromEntries(given.map(name => [name, { kind: 'variable', name } as const]))
  })
