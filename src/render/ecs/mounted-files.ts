import { logConfiguration, type TaskPlan } from './task-plan.ts'

interface MountedFiles {
  readonly volumes: readonly object[]
  /** What writes the files before the service starts. */
  readonly containers: readonly object[]
  readonly mountPoints: readonly object[]
  readonly dependsOn: readonly object[]
}

const NONE: MountedFiles = { volumes: [], containers: [], mountPoints: [], dependsOn: [] }

/** Small, from the registry that every account may pull from; it runs for a moment and ends. */
const WRITER_IMAGE = 'public.ecr.aws/docker/library/busybox:1.37.0'

/**
 * ECS mounts no files of a task's own, so a container that ends before the service starts writes them to a volume of the
 * task: configuration from its text, secrets from the variable that ECS fills in.
 */
export function mountedFiles(plan: TaskPlan): MountedFiles {
  const files = filesOf(plan)
  if (files.length === 0) return NONE
  const folders = [...new Set(files.map(({ path }) => folderOf(path)))].toSorted()
  const mounts = (readOnly: boolean) =>
    folders.map(folder => ({ sourceVolume: volumeName(folder), containerPath: folder, readOnly }))
  return {
    volumes: folders.map(folder => ({ name: volumeName(folder) })),
    containers: [writer(plan, { files, mountPoints: mounts(false) })],
    mountPoints: mounts(true),
    dependsOn: [{ containerName: 'files', condition: 'SUCCESS' }],
  }
}

interface MountedFile {
  readonly path: string
  /** What carries the content to the container that writes it. */
  readonly variable: string
  readonly content: { readonly value: string } | { readonly valueFrom: string }
}

function filesOf({ spec, secretArns }: TaskPlan): readonly MountedFile[] {
  const plain = Object.entries(spec.files).map(([path, value]) => ({ path, content: { value } }))
  const secret = spec.secrets.flatMap(({ name, as }) => {
    const valueFrom = secretArns[name]
    return as.kind !== 'file' || valueFrom === undefined ? [] : [{ path: as.path, content: { valueFrom } }]
  })
  return [...plain, ...secret]
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map((file, index) => ({ ...file, variable: `FILE_${index + 1}` }))
}

function writer(
  plan: TaskPlan,
  { files, mountPoints }: { readonly files: readonly MountedFile[]; readonly mountPoints: readonly object[] },
): object {
  const lines = files.map(({ path, variable }) => `printf %s "$${variable}" > '${path}'`)
  const contents = files.map(({ variable: name, content }) => ({ name, ...content }))
  return {
    name: 'files',
    image: WRITER_IMAGE,
    essential: false,
    command: ['sh', '-euc', lines.join('\n')],
    environment: contents.filter(content => 'value' in content),
    secrets: contents.filter(content => 'valueFrom' in content),
    readonlyRootFilesystem: true,
    mountPoints,
    logConfiguration: logConfiguration(plan),
  }
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

/** Doubling what is there already keeps `/a-b` and `/a/b` apart. */
const volumeName = (folder: string): string =>
  `files${folder.replaceAll('-', '--').replaceAll(/[^A-Za-z0-9-]/g, '-')}`.slice(0, 255)
