import { z } from 'zod'

/** Names of projects, environments and services: they become host names, paths and parts of ids. */
export const nameSchema = z
  .string()
  .max(63)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?$/, 'must be letters, digits, - and _, at most 63')
  // A look-up by such a name would find something that nobody wrote.
  .refine(name => !(name in {}), 'must not be a name that every object has, such as constructor')
  .describe('Letters, digits, - and _; at most 63.')

export const digestSchema = z
  .templateLiteral(['sha256:', z.string().regex(/^[0-9a-f]{64}$/)])
  .describe('sha256: and 64 lower-case hexadecimal digits, as OCI writes digests.')

export const instantSchema = z.int().min(0).describe('Milliseconds since the Unix epoch.')

export const secretNameSchema = z
  .string()
  .max(80)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, 'must be letters, digits, . _ and -, at most 80')

/** Ids that Sluice gives: `prod-12`, `prod-12.web`, random ones. */
export const idSchema = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]*$/, 'is not an id that Sluice gives')

/** What people call a release: its id, `r-…`, a prefix of its hash, or `latest`. */
export const releaseReferenceSchema = z
  .string()
  .regex(
    /^(?:latest|(?:r-|sha256:)?[0-9a-f]{4,64})$/,
    'must be an id, r-…, at least 4 hexadecimal digits, or latest',
  )
  .describe('Full id, r-…, a prefix of at least 4 hexadecimal digits, or latest.')

/** A sentence of a person. */
export const reasonSchema = z.string().trim().min(1).max(1000)

export const lineSchema = z.string().min(1).max(256)
