import type { Answer } from '../../engine/control-plane.ts'
import { refusedBy } from './problem.ts'

/** The value of an answer; a refusal becomes the problem of the response. */
export function answered<T>(answer: Answer<T>): T {
  if (!answer.ok) throw refusedBy(answer.refusal)
  return answer.value
}
