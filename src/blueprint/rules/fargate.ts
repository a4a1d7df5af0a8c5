import { eachService, type Finding, type Rule } from './rule.ts'

/** Memory in MiB by CPU units ("Amazon ECS task definition parameters for Fargate", Task size). */
const SIZES: Readonly<Record<number, readonly number[]>> = {
  256: [512, 1024, 2048],
  512: steps({ from: 1024, to: 4096, by: 1024 }),
  1024: steps({ from: 2048, to: 8192, by: 1024 }),
  2048: steps({ from: 4096, to: 16_384, by: 1024 }),
  4096: steps({ from: 8192, to: 30_720, by: 1024 }),
  8192: steps({ from: 16_384, to: 61_440, by: 4096 }),
  16384: steps({ from: 32_768, to: 122_880, by: 8192 }),
}

/** The longest stop timeout ("Container definition parameters", stopTimeout). */
const MAX_GRACE_SECONDS = 120

/** Tasks on Fargate have a size that exists, and stop in the time that it grants. */
export const fargate: Rule = subject =>
  eachService(subject, ({ settings, origins }, { environment, at }) => {
    const resolved = subject.environments[environment]?.settings
    if (resolved?.target !== 'ecs' || resolved.ecs.capacity === 'ec2') return []
    const { cpu, memory, grace } = settings
    const field = origins.get('memory')?.at === undefined ? 'cpu' : 'memory'
    return [
      ...sizeProblem({ cpu, memory }).map(problem => ({ path: at(field), ...problem })),
      ...(grace > MAX_GRACE_SECONDS
        ? [{ path: at('grace'), what: `${grace}s is longer than Fargate waits`, remedy: 'write at most 2m' }]
        : []),
    ]
  })

function sizeProblem({ cpu, memory }: { cpu: number; memory: number }): Omit<Finding, 'path'>[] {
  const sizes = SIZES[cpu]
  if (sizes === undefined) {
    const known = Object.keys(SIZES).join(', ')
    return [{ what: `Fargate has no ${cpu} CPU units`, remedy: `write cpu as one of ${known}` }]
  }
  if (sizes.includes(memory)) return []
  return [
    {
      what: `Fargate has no ${memory} MiB with ${cpu} CPU units`,
      remedy: `write memory as ${inWords(sizes)} MiB`,
    },
  ]
}

function inWords(sizes: readonly number[]): string {
  const [first = 0, second = 0] = sizes
  if (sizes.length <= 3) return sizes.join(', ')
  return `${first} to ${sizes.at(-1)} in steps of ${second - first}`
}

function steps({ from, to, by }: { from: number; to: number; by: number }): readonly number[] {
  return Array.from({ length: (to - from) / by + 1 }, (_, index) => from + index * by)
}
