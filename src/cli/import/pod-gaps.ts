import { canonicalJson } from '../../model/digest.ts'
import type { Missing } from './not-expressed.ts'
import type { Container, Deployment } from './shapes.ts'

type PodSpec = Deployment['spec']['template']['spec']
type Words = readonly [why: string, advice: string]

/** Read elsewhere. */
const POD_READ = ['containers', 'volumes', 'terminationGracePeriodSeconds']
const CONTAINER_READ = [
  'name',
  'image',
  'command',
  'args',
  'ports',
  'env',
  'envFrom',
  'resources',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
  'volumeMounts',
]

/** Of no consequence, or as the API server fills them in. */
const POD_USUAL: Readonly<Record<string, readonly unknown[]>> = {
  restartPolicy: ['Always'],
  dnsPolicy: ['ClusterFirst'],
  schedulerName: ['default-scheduler'],
  enableServiceLinks: [true, false],
  automountServiceAccountToken: [false],
  serviceAccountName: ['default'],
  serviceAccount: ['default'],
  securityContext: [{}],
  hostNetwork: [false],
  nodeSelector: [{}],
  tolerations: [[]],
}
const CONTAINER_USUAL: Readonly<Record<string, readonly unknown[]>> = {
  imagePullPolicy: ['IfNotPresent', 'Always'],
  terminationMessagePath: ['/dev/termination-log'],
  terminationMessagePolicy: ['File', 'FallbackToLogsOnError'],
  securityContext: [{}],
}

const PLACEMENT: Words = [
  'Sluice spreads instances over zones and nodes, and chooses no nodes',
  'leave the service outside if it needs certain nodes; the other color would go anywhere',
]
const LOCKED: Words = [
  'with Sluice every container runs as user 1000, on a read-only root with /tmp to write to, without capabilities',
  'see that the image works so: the first release is verified before any user gets to it',
]

const POD_WORDS: ReadonlyMap<string, Words> = new Map<string, Words>([
  [
    'initContainers',
    [
      'Sluice runs one container and nothing before it',
      'do this at the start of the program, or in a Job before the release; a sidecar of this kind stays outside',
    ],
  ],
  ['hostNetwork', ['Sluice’s pods have an address of their own', 'leave the service outside of Sluice']],
  ['nodeSelector', PLACEMENT],
  ['affinity', PLACEMENT],
  ['tolerations', PLACEMENT],
  ['topologySpreadConstraints', PLACEMENT],
  ['securityContext', LOCKED],
  [
    'serviceAccountName',
    [
      'Sluice’s pods run as the ServiceAccount of their service’s name, without a token of the cluster',
      'give that ServiceAccount the annotations or roles that the program needs; one that talks to the cluster’s API stays outside',
    ],
  ],
  [
    'imagePullSecrets',
    [
      'the blueprint names no credentials of a registry',
      'give them to the ServiceAccount of the service’s name before the first release',
    ],
  ],
  [
    'priorityClassName',
    ['the blueprint has no priorities', 'nothing, if the cluster has room for both colors'],
  ],
  ['hostAliases', ['the blueprint has no names of its own', 'use a name that DNS has']],
  ['dnsConfig', ['Sluice’s pods ask the cluster’s DNS as it is', 'use whole names']],
])

const CONTAINER_WORDS: ReadonlyMap<string, Words> = new Map<string, Words>([
  ['securityContext', LOCKED],
  ['workingDir', ['the image says where it starts', 'set WORKDIR in the image']],
])

const OTHER: Words = [
  'the blueprint has no word for it',
  'see whether the service does without, or leave it outside of Sluice',
]

/** All of a pod that nothing else reads: nothing is left out without a word. */
export function podGaps(pod: PodSpec, main: Container): readonly Missing[] {
  return [
    ...gaps(pod, { read: POD_READ, usual: POD_USUAL, words: POD_WORDS, prefix: '' }),
    ...gaps(main, {
      read: CONTAINER_READ,
      usual: CONTAINER_USUAL,
      words: CONTAINER_WORDS,
      prefix: 'containers.',
    }),
    ...sidecars(pod, main),
    ...locked(pod, main),
  ]
}

interface Table {
  readonly read: readonly string[]
  readonly usual: Readonly<Record<string, readonly unknown[]>>
  readonly words: ReadonlyMap<string, Words>
  readonly prefix: string
}

function gaps(given: Readonly<Record<string, unknown>>, table: Table): readonly Missing[] {
  return Object.entries(given).flatMap(([field, value]) => {
    if (table.read.includes(field) || field === 'serviceAccount') return []
    const usual = table.usual[field] ?? []
    if (value === null || usual.some(each => canonicalJson(each) === canonicalJson(value))) return []
    const [why, advice] = table.words.get(field) ?? OTHER
    return [{ field: `${table.prefix}${field}`, why, advice }]
  })
}

function sidecars({ containers }: PodSpec, main: Container): readonly Missing[] {
  return containers
    .filter(each => each !== main)
    .map(({ name }) => ({
      field: `containers ${name}`,
      why: 'Sluice runs one container in a pod',
      advice:
        'make it a service of its own, or let the cluster inject it; a pod that needs both stays outside',
    }))
}

/** Nobody asked for a locked container: it will get one all the same. */
function locked(pod: PodSpec, main: Container): readonly Missing[] {
  const said = [pod['securityContext'], main['securityContext']].some(
    each => typeof each === 'object' && each !== null && Object.keys(each).length > 0,
  )
  if (said) return []
  const [why, advice] = LOCKED
  return [{ field: 'securityContext', why, advice }]
}
