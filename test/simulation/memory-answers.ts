import type { AnswerKey, Store } from '../../src/engine/ports.ts'

type Answers = Pick<Store, 'reserveAnswer' | 'keepAnswer' | 'dropAnswer' | 'forgetAnswers'>

interface Row {
  readonly request: string
  readonly at: number
  answer?: string
}

/** What was answered to writes that have a key, in memory. */
export function memoryAnswers(): Answers {
  const rows = new Map<string, Row>()
  const name = ({ token, key }: AnswerKey) => `${token} ${key}`
  const forget = (until: number) => {
    for (const [key, { at }] of rows) if (at <= until) rows.delete(key)
  }
  return {
    async reserveAnswer({ request, at, ...key }, forgetUntil) {
      forget(forgetUntil)
      const row = rows.get(name(key))
      if (row === undefined) {
        rows.set(name(key), { request, at })
        return { kind: 'reserved' }
      }
      if (row.request !== request) return { kind: 'other' }
      if (row.answer === undefined) return { kind: 'begun', at: row.at }
      return { kind: 'answered', answer: row.answer }
    },
    async keepAnswer(key, answer) {
      const row = rows.get(name(key))
      if (row !== undefined) row.answer ??= answer
    },
    async dropAnswer(key) {
      if (rows.get(name(key))?.answer === undefined) rows.delete(name(key))
    },
    async forgetAnswers(until) {
      forget(until)
    },
  }
}
