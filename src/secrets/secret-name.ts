import { UserError } from '../model/user-error.ts'

/** What AWS Secrets Manager takes (API reference, "CreateSecret"); kept to everywhere, so that a value can move there. */
const MAXIMUM_BYTES = 65_536
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}$/

/** Names one secret in messages: `prod/DB_PASSWORD`. */
export function secretLabel(environment: string, name: string): string {
  return `${environment}/${name}`
}

/** Fails unless both are plain names: they become parts of paths and of names elsewhere. */
export function checkSecretName(environment: string, name: string): void {
  for (const part of [environment, name]) {
    if (NAME.test(part)) continue
    throw new UserError(
      `secret ${JSON.stringify(secretLabel(environment, name).slice(0, 200))}`,
      'is not a name that a secret can have',
      'use 1 to 80 letters, digits, underscores, hyphens and dots, not beginning with a dot or hyphen',
    )
  }
}

/** Fails where the value could not be kept as it is. The message says nothing about the value but its size. */
export function checkSecretValue(label: string, value: string): void {
  if (!value.isWellFormed()) {
    throw new UserError(
      `secret ${label}`,
      'is not valid Unicode',
      'encode binary values, for example as Base64',
    )
  }
  const bytes = Buffer.byteLength(value)
  if (bytes <= MAXIMUM_BYTES) return
  throw new UserError(
    `secret ${label}`,
    `has ${bytes} bytes; ${MAXIMUM_BYTES} is the most`,
    'keep a key here and the data elsewhere',
  )
}
