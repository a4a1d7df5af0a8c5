import type { ServiceConfig } from './config-maps.ts'
import { type SecretMount, secretMounts, secretVariables, secretVariablesName } from './secret-mounts.ts'
import type { ServicePlan } from './service-plan.ts'

interface VolumeMount {
  /** Of the volume. */
  readonly name: string
  readonly mountPath: string
  readonly subPath?: string
  readonly readOnly?: boolean
}

export interface Volumes {
  readonly volumes: readonly object[]
  readonly volumeMounts: readonly VolumeMount[]
}

const TEMPORARY = '/tmp'

/** Nobody reads it: the volume only has to be mounted for the driver to make the Secret behind variables. */
const VARIABLES_FOLDER = '/mnt/secret-variables'

/** Everything that is mounted: files of the configuration, secrets, and the one place that can be written to. */
export function volumesOf(plan: ServicePlan, config: ServiceConfig): Volumes {
  const parts = [
    configFiles(config),
    ...secretMounts(plan).map(mount => secretFiles(plan, mount)),
    ...secretVariablesVolume(plan),
  ]
  const mounted = parts.flatMap(({ volumeMounts }) => volumeMounts)
  // The root of the file system is read-only. Who mounts a file in its place has said that nothing is written there.
  const writable = mounted.some(({ mountPath }) => mountPath === TEMPORARY)
    ? []
    : [{ volumes: [{ name: 'tmp', emptyDir: {} }], volumeMounts: [{ name: 'tmp', mountPath: TEMPORARY }] }]
  return {
    volumes: [...writable, ...parts].flatMap(({ volumes }) => volumes),
    volumeMounts: [...writable, ...parts].flatMap(({ volumeMounts }) => volumeMounts),
  }
}

function configFiles({ files }: ServiceConfig): Volumes {
  if (files === undefined) return { volumes: [], volumeMounts: [] }
  return {
    volumes: [{ name: 'files', configMap: { name: files.name } }],
    // One by one, for what the image has in the same folder has to stay; content that never changes needs no update.
    volumeMounts: files.keys.map(({ key, path }) => ({
      name: 'files',
      mountPath: path,
      subPath: key,
      readOnly: true,
    })),
  }
}

function secretFiles(plan: ServicePlan, { volume, providerClass, files, folder }: SecretMount): Volumes {
  const items = files.map(({ name, file }) => ({ key: name, path: file }))
  return {
    volumes: [
      plan.secretSource.kind === 'aws'
        ? csiVolume(volume, providerClass)
        : { name: volume, secret: { secretName: plan.secretSource.name, items } },
    ],
    volumeMounts:
      folder === undefined
        ? files.map(({ path, file }) => ({ name: volume, mountPath: path, subPath: file, readOnly: true }))
        : [{ name: volume, mountPath: folder, readOnly: true }],
  }
}

function secretVariablesVolume({ service, spec, secretSource }: ServicePlan): readonly Volumes[] {
  if (secretSource.kind === 'cluster' || secretVariables(spec.secrets).length === 0) return []
  const name = 'secret-variables'
  return [
    {
      volumes: [csiVolume(name, secretVariablesName(service))],
      volumeMounts: [{ name, mountPath: VARIABLES_FOLDER, readOnly: true }],
    },
  ]
}

function csiVolume(name: string, secretProviderClass: string): object {
  return {
    name,
    csi: { driver: 'secrets-store.csi.k8s.io', readOnly: true, volumeAttributes: { secretProviderClass } },
  }
}
