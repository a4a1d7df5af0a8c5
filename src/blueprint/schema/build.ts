import { z } from 'zod'
import * as value from './values.ts'

export const build = z
  .union([
    value.projectPath,
    z.strictObject({
      context: value.projectPath.meta({ description: 'The folder that is built.', examples: ['./web'] }),
      dockerfile: value.projectPath
        .meta({ description: 'Within the context.', default: 'Dockerfile', examples: ['Dockerfile'] })
        .optional(),
      target: z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9_.-]*$/)
        .max(128)
        .meta({
          title: 'a stage (letters, digits and _ . -)',
          description: 'Stage of the Dockerfile that is released.',
          default: 'production',
          examples: ['production'],
        })
        .optional(),
      command: value.commandLine
        .meta({
          description: 'Run in the folder before a bundle is made of it (local target).',
          examples: ['npm run build'],
        })
        .optional(),
      base: z
        .string()
        .regex(/^[a-z0-9][\w./:@-]*$/i)
        .max(400)
        .meta({
          title: 'an image reference',
          description: 'Base image of a rendered Dockerfile, best pinned by digest.',
          examples: ['node:24-slim'],
        })
        .optional(),
    }),
  ])
  .transform(given => (typeof given === 'string' ? { context: given } : given))
