import { expanded, type VariableValue } from './expansion.ts'
import type { Missing, Part, Remark } from './not-expressed.ts'
import type { SecretNames } from './secret-names.ts'
import type { ConfigMap, Container } from './shapes.ts'

/** What a container's variables are read from. */
export interface VariableSources {
  readonly service: string
  readonly port: number
  /** By name. */
  readonly configMaps: ReadonlyMap<string, ConfigMap>
  /** Keys of Secrets, by name; never a value. */
  readonly secretKeys: ReadonlyMap<string, readonly string[]>
  readonly secretNames: SecretNames
}

export interface Variables {
  readonly config: Readonly<Record<string, string>>
  /** Variables by the name of the secret that they hold. */
  readonly secrets: Readonly<Record<string, string>>
}

/** A variable that is set twice has its last value, and `env` wins over `envFrom` (Kubernetes, "EnvVar"). */
export function variablesOf(container: Container, sources: VariableSources): Part<Variables> {
  const values = new Map<string, VariableValue>()
  const missing: Missing[] = []
  for (const [name, value] of [
    ...fromWhole(container, sources, missing),
    ...container.env.map(one(sources)),
  ]) {
    values.set(name, value.kind === 'text' ? expanded(value.text, values) : value)
  }
  return collect(values, sources, missing)
}

function collect(
  values: ReadonlyMap<string, VariableValue>,
  { port, secretNames }: VariableSources,
  missing: Missing[],
): Part<Variables> {
  const config: Record<string, string> = {}
  const secrets: Record<string, string> = {}
  const remarks: Remark[] = []
  for (const [name, value] of values) {
    const field = `env ${name}`
    if (isSluices(name)) continue
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      missing.push({ field, why: 'is no name of a variable', advice: 'rename it in the program' })
    } else if (value.kind === 'missing') {
      missing.push({ field, why: value.why, advice: value.advice })
    } else if (value.kind === 'secret') {
      secrets[secretNames.nameOf({ ...value, wanted: name })] = name
    } else if (name === 'PORT') {
      if (value.text !== String(port)) missing.push(otherPort(value.text, port))
    } else if (looksSecret(name, value.text)) {
      secrets[secretNames.literal(name)] = name
      missing.push(secretLiteral(field))
    } else config[name] = value.text
  }
  return { value: { config, secrets }, remarks, missing }
}

/** Sluice gives these itself. */
const isSluices = (name: string): boolean =>
  ['SLUICE_COLOR', 'SLUICE_ENVIRONMENT', 'SLUICE_SERVICE', 'SLUICE_RELEASE'].includes(name)

const otherPort = (text: string, port: number): Missing => ({
  field: 'env PORT',
  why: `is ${text}, and Sluice sets PORT to the port that it sends users to, ${port}`,
  advice: 'see that the program listens there',
})

const secretLiteral = (field: string): Missing => ({
  field,
  why: 'looks like a secret that stands in the open; its value was not written down',
  advice: 'set it with `sluice secret set`, or move it to `config` if everybody may read it',
})

/** By its name, or an address with a password in it. */
function looksSecret(name: string, text: string): boolean {
  if (text === '') return false
  return (
    /(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|(?:API|PRIVATE|SECRET|ACCESS|SIGNING|ENCRYPTION)_?KEY)(?:_|$)/i.test(
      name,
    ) || /:\/\/[^/\s:@]*:[^/\s@]+@/.test(text)
  )
}

function fromWhole(
  { envFrom }: Container,
  { configMaps, secretKeys }: VariableSources,
  missing: Missing[],
): readonly (readonly [string, VariableValue])[] {
  return envFrom.flatMap(
    ({ prefix, configMapRef, secretRef }): readonly (readonly [string, VariableValue])[] => {
      if (configMapRef !== undefined) {
        const data = configMaps.get(configMapRef.name)?.data
        if (data === undefined) missing.push(absent('envFrom', `ConfigMap ${configMapRef.name}`))
        // Taken as they stand: what comes from a ConfigMap is not expanded.
        return Object.entries(data ?? {}).map(([key, text]) => [
          `${prefix}${key}`,
          { kind: 'text', text: text.replaceAll('$', '$$$$') },
        ])
      }
      if (secretRef === undefined) return []
      const keys = secretKeys.get(secretRef.name)
      if (keys === undefined) missing.push(absent('envFrom', `Secret ${secretRef.name}`))
      return (keys ?? []).map(key => [`${prefix}${key}`, { kind: 'secret', from: secretRef.name, key }])
    },
  )
}

const absent = (field: string, what: string): Missing => ({
  field,
  why: `${what} is not there or may not be read`,
  advice: 'write what the program needs of it under `config` or `secrets`',
})

function one({
  configMaps,
}: VariableSources): (given: Container['env'][number]) => readonly [string, VariableValue] {
  return ({ name, value, valueFrom }) => {
    if (valueFrom?.secretKeyRef !== undefined) {
      const { name: from, key } = valueFrom.secretKeyRef
      return [name, { kind: 'secret', from, key }]
    }
    if (valueFrom?.configMapKeyRef !== undefined) {
      const { name: map, key, optional } = valueFrom.configMapKeyRef
      const text = configMaps.get(map)?.data[key]
      if (text !== undefined) return [name, { kind: 'text', text: text.replaceAll('$', '$$$$') }]
      const { why, advice } = absent(name, `${key} of ConfigMap ${map}`)
      return [name, { kind: 'missing', why: optional ? `${why}, and is optional` : why, advice }]
    }
    if (valueFrom === undefined) return [name, { kind: 'text', text: value ?? '' }]
    return [
      name,
      {
        kind: 'missing',
        why: `comes from ${Object.keys(valueFrom).join(', ')}, which the blueprint has no word for`,
        advice: 'write a value under `config`, or let the program find it out by itself',
      },
    ]
  }
}
