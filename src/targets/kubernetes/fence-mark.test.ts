import { describe, expect, it } from 'vitest'
import { weightsFor } from '../../model/color.ts'
import { Overtaken } from '../target.ts'
import { FENCE_MARK } from './fence-mark.ts'
import type { Deployment } from './live-objects.ts'
import { smallWorld, turnOf } from './testing/small-world.ts'

const BLUE = weightsFor('blue', 100)
const GREEN = weightsFor('green', 100)

/** An act that stops right before its first such write, until it is let go. */
async function stalled(
  world: ReturnType<typeof smallWorld>,
  write: string,
  act: () => Promise<void>,
): Promise<{ readonly letGo: () => Promise<unknown> }> {
  const arrived = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  let isFirst = true
  world.cluster.before(async what => {
    if (!isFirst || what !== write) return
    isFirst = false
    arrived.resolve()
    await gate.promise
  })
  const ending = act().catch((error: unknown) => error)
  await Promise.race([arrived.promise, ending])
  return {
    letGo: async () => {
      gate.resolve()
      return await ending
    },
  }
}

const replicasOf = (world: ReturnType<typeof smallWorld>, name: string) =>
  (world.cluster.at('Deployment', name) as Deployment).spec.replicas

describe('an act that is overtaken between two writes', () => {
  it('moves nobody, though whoever overtook it left users where they were', async () => {
    const world = smallWorld('blue')
    const late = await stalled(world, 'apply HTTPRoute web', () => world.shift(GREEN, turnOf(1, 2, 1, 1)))
    await world.shift(BLUE, turnOf(1, 2, 2, 1))
    await world.retire('green', turnOf(1, 2, 2, 2))
    expect(await late.letGo()).toBeInstanceOf(Overtaken)
    expect(world.weights()).toEqual({ 'web-blue': 100, 'web-green': 0 })
  })

  it('stops no instance of the color that users went back to', async () => {
    const world = smallWorld('green')
    const late = await stalled(world, 'scale Deployment web-blue', () =>
      world.retire('blue', turnOf(1, 1, 1, 5)),
    )
    await world.shift(BLUE, turnOf(1, 2, 2, 1))
    expect(await late.letGo()).toBeInstanceOf(Overtaken)
    expect(replicasOf(world, 'web-blue')).toBe(2)
  })
})

describe('the mark of the fence', () => {
  it('stands on all that the act rests on and changes nothing that is wanted', async () => {
    const world = smallWorld('blue')
    const before = world.cluster.at('Deployment', 'web-green')
    await world.shift(GREEN, turnOf(1, 2, 1, 7))
    expect(world.cluster.writes.slice(0, 5)).toEqual([
      'patch ConfigMap web.turn',
      'patch Deployment web-green',
      'apply HTTPRoute web',
      'apply Service web',
      'apply Service web-preview',
    ])
    const after = world.cluster.at('Deployment', 'web-green')
    expect(after.metadata.labels?.[FENCE_MARK]).toBe('1.2.1.7')
    expect({ ...after, metadata: {} }).toEqual({ ...before, metadata: {} })
    expect(after.metadata.generation).toBe(before.metadata.generation)
    for (const [kind, name] of [
      ['HTTPRoute', 'web'],
      ['Service', 'web'],
    ] as const)
      expect(world.cluster.at(kind, name).metadata.annotations?.[FENCE_MARK]).toBe('1.2.1.7')
  })
})
