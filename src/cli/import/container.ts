import { expandedWord } from './expansion.ts'
import type { Missing, Part, Remark } from './not-expressed.ts'
import type { Container, Deployment, ServiceObject } from './shapes.ts'
import type { Variables } from './variables.ts'

/** The container that the Service leads to; the others are told. */
export function mainContainer({ spec }: Deployment, service: ServiceObject | undefined): Container {
  const { containers } = spec.template.spec
  const target = service?.spec.ports[0]?.targetPort ?? service?.spec.ports[0]?.port
  const found = containers.find(({ ports }) =>
    ports.some(({ name, containerPort }) => name === target || containerPort === target),
  )
  const main = found ?? containers[0]
  if (main === undefined) throw new Error('a Deployment has no container')
  return main
}

const read = <T>(value: T, missing: readonly Missing[] = [], remarks: readonly Remark[] = []): Part<T> => ({
  value,
  missing,
  remarks,
})

export function portOf({ ports }: Container, service: ServiceObject | undefined): Part<number> {
  const target = service?.spec.ports[0]?.targetPort ?? service?.spec.ports[0]?.port
  const named = ports.find(({ name, containerPort }) => name === target || containerPort === target)
  const port = named?.containerPort ?? (typeof target === 'number' ? target : ports[0]?.containerPort)
  const others = ports.filter(({ containerPort, protocol }) => containerPort !== port || protocol !== 'TCP')
  const missing = others.map(({ name, containerPort, protocol }) => ({
    field: `ports ${name ?? containerPort}`,
    why: `users are sent to one port; ${containerPort}/${protocol} is another`,
    advice:
      'nothing, if nobody needs it; a program that measures on it can be told the pod’s address and port',
  }))
  if (port !== undefined) return read(port, missing)
  const remark = { path: ['port'], text: 'no port is named anywhere: decide where the program listens' }
  return read(3000, missing, [remark])
}

export const isPort =
  ({ ports }: Container, port: number) =>
  (given: string | number): boolean =>
    given === port || ports.some(({ name, containerPort }) => name === given && containerPort === port)

export function commandOf({ command, args }: Container, variables: Variables): Part<readonly string[]> {
  const words = [...command, ...args].map(word => expandedWord(word, variables))
  const unknown = words.flatMap(each => each.unknown ?? [])
  const told: Missing[] = unknown.map(name => ({
    field: 'command',
    why: `has the value of ${name}, which is a secret`,
    advice: 'let the program read the variable: a command is seen in the list of processes',
  }))
  if (command.length > 0 || args.length === 0)
    return read(
      words.map(({ text }) => text),
      told,
    )
  told.push({
    field: 'args',
    why: 'are arguments of the program that the image starts, and `command` replaces that program too',
    advice: `write \`command\` as the image’s own program and then: ${args.join(' ')}`,
  })
  return read([], told)
}

/** What is left of the time to end once the pod begins to leave by itself. */
export function graceOf(seconds: number, { lifecycle }: Container): Part<number> {
  const before = lifecycle?.preStop
  if (before === undefined) return read(Math.max(1, seconds))
  const slept = sleepOf(before)
  if (slept !== undefined) return read(Math.max(1, seconds - slept))
  const advice = 'Sluice’s pods serve 15 s more and then get SIGTERM: do the rest on SIGTERM'
  return read(Math.max(1, seconds), [{ field: 'lifecycle.preStop', why: 'is a program of its own', advice }])
}

/** Seconds; undefined where it does something else than wait. */
function sleepOf({ sleep, exec }: Readonly<Record<string, unknown>>): number | undefined {
  if (isMap(sleep) && typeof sleep['seconds'] === 'number') return sleep['seconds']
  const words = isMap(exec) && Array.isArray(exec['command']) ? exec['command'].map(String).join(' ') : ''
  const found = /^(?:\/bin\/)?(?:(?:ba)?sh -c )?sleep (\d+)$/.exec(words)?.[1]
  return found === undefined ? undefined : Number(found)
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
