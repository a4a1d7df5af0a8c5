import { type Answer, type Failure, type Load, type LoadOptions, startLoad } from '../../src/cli/demo/load.ts'
import type { LoadTotals } from '../../src/cli/demo/tally.ts'
import type { Instant } from '../../src/model/instant.ts'

/** Users who never stop, and everything that they were answered. */
export interface RecordedLoad {
  readonly load: Load
  readonly answers: readonly Answer[]
  readonly failures: readonly Failure[]
  /** Lets what was sent be answered, and ends. */
  stop(): Promise<LoadTotals>
}

export function startRecordedLoad(
  origin: string,
  o: Partial<Pick<LoadOptions, 'paths' | 'connections' | 'requestsPerSecond'>> = {},
): RecordedLoad {
  const ending = new AbortController()
  const answers: Answer[] = []
  const failures: Failure[] = []
  const load = startLoad({
    origin,
    paths: [{ path: '/' }, { method: 'POST', path: '/up', body: '{"some":"bytes"}' }],
    connections: 16,
    requestsPerSecond: 250,
    ...o,
    signal: ending.signal,
    onAnswer: answer => answers.push(answer),
    onFailure: failure => failures.push(failure),
  })
  return {
    load,
    answers,
    failures,
    async stop() {
      ending.abort()
      await load.finished
      return load.totals()
    },
  }
}

/** The same clock as the load's answers have. */
export function clock(): Instant {
  return performance.timeOrigin + performance.now()
}

/** One release's time with the users. */
export interface Stay {
  readonly release: string
  readonly color: string
  /** Before the call that brought it was sent. */
  readonly calledAt: Instant
  /** After it was told that all users are on it. */
  readonly confirmedAt: Instant
}

/**
 * Answers that no stay explains. A stay explains an answer of its release and color when the answer came after the stay
 * was called for, and the request was sent before anybody knew that the next stay had begun: before its confirmation, and
 * before the first answer by it to a request that was sent after its call.
 */
export function unexplained(answers: readonly Answer[], stays: readonly Stay[]): readonly Answer[] {
  const known = stays.map(stay => ({
    ...stay,
    knownAt: Math.min(stay.confirmedAt, firstAnswer(answers, stay)),
  }))
  return answers.filter(
    answer =>
      !known.some((stay, index) => {
        const leftAt = known[index + 1]?.knownAt ?? Number.POSITIVE_INFINITY
        return isBy(answer, stay) && answer.at >= stay.calledAt && answer.sentAt <= leftAt
      }),
  )
}

function firstAnswer(answers: readonly Answer[], stay: Stay): Instant {
  const first = answers.find(answer => isBy(answer, stay) && answer.sentAt >= stay.calledAt)
  return first?.at ?? Number.POSITIVE_INFINITY
}

const isBy = (answer: Answer, { release, color }: Stay): boolean =>
  answer.release === release && answer.color === color
