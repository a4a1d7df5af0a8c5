import type { Workload } from '../model/release.ts'

/** Reads one version of a secret; fails where it is missing, and no message holds a value. */
export type SecretReader = (environment: string, name: string, version: string) => Promise<string>

/** Values of all secrets that the workload uses, by name. */
export async function readSecrets(
  { environment, secrets }: Workload,
  readSecret: SecretReader,
): Promise<Readonly<Record<string, string>>> {
  const values = Object.entries(secrets).map(
    async ([name, version]) => [name, await readSecret(environment, name, version)] as const,
  )
  return Object.fromEntries(await Promise.all(values))
}
