import type { SecretReference, ServiceSpec } from '../../model/service-spec.ts'

/** Secrets that one volume brings into the container. */
export interface SecretMount {
  /** Of the volume. */
  readonly volume: string
  /** Of the SecretProviderClass. */
  readonly providerClass: string
  readonly files: readonly SecretFile[]
  /** A folder that holds nothing else is mounted as a whole, which lets a new value arrive while the pod runs. */
  readonly folder: string | undefined
}

export interface SecretFile {
  /** Of the secret. */
  readonly name: string
  /** In the volume. */
  readonly file: string
  /** In the container. */
  readonly path: string
}

interface Mounted {
  readonly service: string
  readonly spec: ServiceSpec
}

/** One mount for every folder that holds secrets. */
export function secretMounts({ service, spec }: Mounted): readonly SecretMount[] {
  const files = secretFiles(spec.secrets)
  const taken = [...Object.keys(spec.files), ...files.map(({ path }) => path)]
  return [...Map.groupBy(files, ({ path }) => folderOf(path))].map(([folder, inFolder], index) => {
    const suffix = index === 0 ? '' : `-${index + 1}`
    return {
      volume: `secret-files${suffix}`,
      providerClass: `${service}-secret-files${suffix}`,
      files: inFolder,
      folder: isAlone(folder, inFolder, taken) ? folder : undefined,
    }
  })
}

/** The Secret, and the SecretProviderClass that fills it, behind variables that hold secrets. */
export const secretVariablesName = (service: string): string => `${service}-secret-variables`

/** The Secret that somebody makes in a cluster outside of AWS. */
export const clusterSecretName = (service: string): string => `${service}-secrets`

export interface SecretVariable {
  readonly name: string
  readonly variable: string
}

export function secretVariables(secrets: readonly SecretReference[]): readonly SecretVariable[] {
  return secrets
    .flatMap(({ name, as }) => (as.kind === 'variable' ? [{ name, variable: as.name }] : []))
    .toSorted((a, b) => (a.variable < b.variable ? -1 : 1))
}

function secretFiles(secrets: readonly SecretReference[]): readonly SecretFile[] {
  return secrets
    .flatMap(({ name, as }) =>
      as.kind === 'file' ? [{ name, path: as.path, file: as.path.slice(as.path.lastIndexOf('/') + 1) }] : [],
    )
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** `/etc` and its like hold what the image needs: only a folder two levels down is taken for the secrets' own. */
function isAlone(folder: string, files: readonly SecretFile[], taken: readonly string[]): boolean {
  const inside = taken.filter(path => path.startsWith(`${folder}/`))
  return folder.lastIndexOf('/') > 0 && inside.length === files.length
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))
