import { COLORS, type Color, type Weights } from '../../../model/color.ts'
import { isDigest } from '../../../model/digest.ts'
import type { Fence } from '../../../model/fence.ts'
import type { ServiceRef, Slot } from '../../target.ts'
import type { EnvironmentRequest, SlotRequest } from '../protocol.ts'
import { Refusal } from './refusal.ts'

const MOST_INSTANCES = 1000

/** Names become parts of paths, so nothing but plain ones is let in. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/

export function readName(value: unknown): string {
  if (typeof value === 'string' && NAME.test(value)) return value
  throw invalid(`${JSON.stringify(value)} is no name of an environment or a service`)
}

export function readColor(value: unknown): Color {
  const color = COLORS.find(each => each === value)
  if (color === undefined) throw invalid(`${JSON.stringify(value)} is no color`)
  return color
}

export function readWeights(text: string): Weights {
  const { blue, green } = parse<Weights>(text)
  if (!isPercent(blue) || !isPercent(green) || blue + green !== 100) {
    throw invalid('weights are whole percents that sum to 100')
  }
  return { blue, green }
}

export function readEnvironments(text: string): readonly EnvironmentRequest[] {
  const { environments } = parse<{ environments: readonly Partial<EnvironmentRequest>[] }>(text)
  if (!Array.isArray(environments)) throw invalid('`environments` is no list')
  return environments.map((each: Partial<EnvironmentRequest> | null) => {
    if (!Array.isArray(each?.services)) throw invalid('`services` is no list')
    const wanted = each.port === undefined ? {} : { port: readPort(each.port) }
    return { name: readName(each.name), services: each.services.map(readName), ...wanted }
  })
}

/**
 * A workload for the slot that the path names. Its inner parts come from a client of the same protocol over a socket
 * of the same user; checked is what would otherwise do harm: names, digests, number.
 */
export function readSlotRequest(text: string, slot: Slot): SlotRequest {
  const { workload, count, secrets } = parse<SlotRequest>(text)
  if (workload?.environment !== slot.environment || workload.service !== slot.service) {
    throw invalid('the workload is for another service')
  }
  if (!isDigest(workload.release)) throw invalid('the release is no digest')
  if (!isDigest(workload.artifact?.digest)) throw invalid('the artifact is no digest')
  if (typeof workload.spec !== 'object') throw invalid('the workload has no specification')
  if (!Number.isInteger(count) || count === undefined || count < 0 || count > MOST_INSTANCES) {
    throw invalid(`the number of instances is not between 0 and ${MOST_INSTANCES}`)
  }
  const values = Object.values(secrets ?? {})
  if (!values.every(value => typeof value === 'string')) throw invalid('a secret is no text')
  return { workload, count, secrets: secrets ?? {} }
}

/** The header that comes with every act: four numbers joined by commas. */
export function readFence(value: string | readonly string[] | undefined): Fence {
  const parts = String(value ?? '').split(',')
  const numbers = parts.map(part => (/^\d{1,16}$/.test(part) ? Number(part) : Number.NaN))
  const [epoch = 0, promotion = 0, lease = 0, act = 0] = numbers
  if (parts.length !== 4 || !numbers.every(Number.isSafeInteger))
    throw invalid(`${JSON.stringify(value)} is no fence`)
  return [epoch, promotion, lease, act]
}

export function readMillis(value: string | null): number {
  const number = Number(value)
  if (value === null || !Number.isFinite(number)) throw invalid(`${JSON.stringify(value)} is no time`)
  return number
}

export function readRef(environment: string | undefined, service: string | undefined): ServiceRef {
  return { environment: readName(environment), service: readName(service) }
}

function readPort(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536) return value
  throw invalid(`${JSON.stringify(value)} is no port`)
}

function isPercent(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 100
}

/** What the client says to be a T: any part may be missing or another thing. */
function parse<T>(text: string): Partial<T> {
  let body: Partial<T> | null
  try {
    body = JSON.parse(text)
  } catch {
    throw invalid('its body is not JSON')
  }
  if (typeof body !== 'object' || body === null) throw invalid('its body is no object')
  return body
}

function invalid(what: string): Refusal {
  return new Refusal({ where: 'request', what, remedy: 'use the client of this version' })
}
