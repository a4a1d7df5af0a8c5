import type { Missing, Part, Remark } from './not-expressed.ts'
import type { Container } from './shapes.ts'

/** CPU units (1,024 a core) and MiB. */
export interface Amounts {
  readonly cpu: number
  readonly memory: number
}

export interface Resources extends Amounts {
  readonly limits: Amounts
}

const UNITS_PER_CORE = 1024
/** What a service that asks for nothing gets: 100m and 128Mi. */
const SMALL: Amounts = { cpu: 102, memory: 128 }
/** Nobody knows what a container without a limit takes; too low a limit would end it. */
const ROOM = 4

/** What it asks for, which is its limit where it asks for nothing itself (Kubernetes, "Resource Management"). */
export function resourcesOf({ resources: { requests, limits } }: Container): Part<Resources> {
  const remarks: Remark[] = []
  const amount = (name: 'cpu' | 'memory'): { asked: number; limit: number } => {
    const [request, limit] = [requests[name] ?? limits[name], limits[name]].map(given =>
      given === undefined ? undefined : read(name, given),
    )
    const asked = request ?? SMALL[name]
    if (request === undefined) remarks.push({ path: [name], text: `nothing was asked for: decide` })
    if (limit === undefined) remarks.push({ path: ['limits', name], text: 'there was no limit: decide' })
    return { asked, limit: Math.max(limit ?? asked * ROOM, asked) }
  }
  const [cpu, memory] = [amount('cpu'), amount('memory')]
  const value = {
    cpu: cpu.asked,
    memory: memory.asked,
    limits: { cpu: cpu.limit, memory: memory.limit },
  }
  return { value, remarks, missing: others({ ...requests, ...limits }) }
}

function others(given: Readonly<Record<string, unknown>>): readonly Missing[] {
  return Object.keys(given)
    .filter(name => name !== 'cpu' && name !== 'memory')
    .map(name => ({
      field: `resources ${name}`,
      why: 'the blueprint has cpu and memory only',
      advice: 'leave the service outside of Sluice if it cannot do without',
    }))
}

function read(name: 'cpu' | 'memory', given: string | number): number {
  const amount = quantity(String(given))
  // Down to what is rendered as the same number of millicores again.
  if (name === 'cpu') return Math.max(1, Math.floor((Math.round(amount * 1e6) / 1e6) * UNITS_PER_CORE))
  return Math.max(1, Math.ceil(amount / 1_048_576))
}

const FACTORS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['n', 1e-9],
  ['u', 1e-6],
  ['m', 1e-3],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
])

/** Cores or bytes (Kubernetes, "Quantity"). */
export function quantity(text: string): number {
  const [, digits, suffix = ''] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(text) ?? []
  const factor = FACTORS.get(suffix)
  if (digits === undefined || factor === undefined) throw new Error(`${text} is no quantity`)
  return Number(digits) * factor
}
