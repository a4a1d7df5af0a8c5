import type { OptionDefinition } from '../../definition.ts'
import type { Input } from '../../input.ts'

/** Where a person wants to see the demo, as they typed it. */
export interface Wishes {
  readonly context: string | undefined
  readonly registry: string | undefined
  readonly gateway: string | undefined
  readonly ingressClass: string | undefined
  readonly address: string | undefined
  readonly prometheus: string | undefined
}

export const KUBERNETES_OPTIONS: readonly OptionDefinition[] = [
  { flags: '--context <name>', summary: 'the cluster, as your kubeconfig names it' },
  {
    flags: '--registry <host/repository>',
    summary: 'where images are pushed to, and the cluster pulls them from',
  },
  { flags: '--prometheus <url>', summary: 'what measures the shop there' },
  {
    flags: '--gateway <namespace/name>',
    summary: 'where users come in',
    byDefault: 'the only one of the cluster',
  },
  {
    flags: '--ingress-class <name>',
    summary: 'where users come in, without a Gateway',
    byDefault: 'the only one of the cluster',
  },
  { flags: '--address <url>', summary: 'where users reach that', byDefault: 'as the cluster says' },
]

export const wishesOf = (input: Input): Wishes => ({
  context: input.text('context'),
  registry: input.text('registry'),
  gateway: input.text('gateway'),
  ingressClass: input.text('ingressClass'),
  address: input.text('address'),
  prometheus: input.text('prometheus'),
})
