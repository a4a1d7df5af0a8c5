import type { GateReason } from '../model/gate.ts'
import type { Answer, Refusal } from './control-plane.ts'

export function accept<T>(value: T): Answer<T> {
  return { ok: true, value }
}

export function refuse<T>(kind: Refusal['kind'], what: string, remedy: string): Answer<T> {
  return { ok: false, refusal: { kind, what, remedy } }
}

export function unmet<T>(what: string, reasons: readonly GateReason[]): Answer<T> {
  return { ok: false, refusal: { kind: 'unmet', what, remedy: 'see the remedy of each reason', reasons } }
}
