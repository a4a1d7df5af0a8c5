/** A deliberate mistake in the engine or the model, of a kind that people make. */
export interface Mutant {
  readonly name: string
  /** Below `src/`. */
  readonly file: string
  /** Stands there exactly once. */
  readonly from: string
  readonly to: string
}

/** Every one of these has to be found, or the simulation proves nothing. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'counts a step without reading it back',
    file: 'model/traffic.ts',
    from: 'if (!showsWeights(evidence.observation, goal)) return pursue(',
    to: 'if (evidence.observation.weights === undefined) return pursue(',
  },
  {
    name: 'sends users to a color that is not ready',
    file: 'model/moves.ts',
    from: 'return slot?.artifact === rollout.artifact && isReady(',
    to: 'return slot?.artifact === rollout.artifact || isReady(',
  },
  {
    name: 'runs what was not released',
    file: 'model/moves.ts',
    from: 'return slot?.artifact === rollout.artifact && isReady(',
    to: 'return isReady(',
  },
  {
    name: 'retires the old color early',
    file: 'model/traffic.ts',
    from: 'const over = after(state.since, rollout.plan.standbySeconds)',
    to: 'const over = after(state.since, rollout.plan.standbySeconds / 2)',
  },
  {
    name: 'does not count its acts',
    file: 'engine/held.ts',
    from: 'held.acts += 1',
    to: 'held.acts += 0',
  },
  {
    name: 'shows no fence',
    file: 'engine/held.ts',
    from: 'return [held.epoch, number, held.fence, held.acts]',
    to: 'return [held.epoch, number, 1, Number.MAX_SAFE_INTEGER]',
  },
  {
    name: 'takes the new color away before users are back',
    file: 'model/backward.ts',
    from: "return act({ kind: 'shift', weights: goal }, `sending all users back to ${from.color}`)",
    to: "return act({ kind: 'retire', color: rollout.to.color }, 'going back')",
  },
  {
    name: 'asks the new color before it goes back',
    file: 'model/backward.ts',
    from: 'if (slot?.release === from.release && slot.ready > 0) {',
    to: 'if (slot?.release === from.release && slot.ready > 0 && (newSlot(rollout, evidence)?.ready ?? 0) > 0) {',
  },
  {
    name: 'accepts an approval that has expired',
    file: 'model/gate-reviews.ts',
    from: 'words.filter(word => word.expiresAt > now && ',
    to: 'words.filter(word => word.expiresAt > 0 && ',
  },
  {
    name: 'takes one person for two',
    file: 'model/gate-reviews.ts',
    from: 'if (people.size >= rule.count) return []',
    to: 'if (people.size > 0) return []',
  },
  {
    name: 'enters during a freeze',
    file: 'model/gates.ts',
    from: 'if (facts.breakGlass) return []',
    to: 'if (facts.breakGlass || now > 0) return []',
  },
  {
    name: 'skips an environment',
    file: 'model/gates.ts',
    from: 'if (from === undefined || before === undefined) return []',
    to: 'if (from !== undefined || before === undefined) return []',
  },
  {
    name: 'does not let a release soak',
    file: 'model/gates.ts',
    from: 'if (now >= soaked) return []',
    to: 'if (now >= before.succeededAt) return []',
  },
  {
    name: 'lets two promotions run in one environment',
    file: 'model/gates.ts',
    from: 'if (running === undefined) return []',
    to: 'if (running !== undefined || running === undefined) return []',
  },
  {
    name: 'does not wait for the rollout before',
    file: 'model/forward.ts',
    from: 'if (evidence.priorIsOpen === true) {',
    to: 'if (evidence.priorIsOpen === true && late) {',
  },
  {
    name: 'tells of users who were never sent there',
    file: 'model/moves.ts',
    from: 'return wasConfirmed || (observation.weights?.[to.color] ?? 0) > 0',
    to: 'return wasConfirmed || observation.at > 0 || to.release.length > 0',
  },
  {
    name: 'records without an event',
    file: 'engine/drive-rollout.ts',
    from: "parts.store.record([{ kind: 'rollout', value: rollout }], [entry], lease)",
    to: "parts.store.record([{ kind: 'rollout', value: rollout }], [entry].slice(1), lease)",
  },
  {
    name: 'acts before it records',
    file: 'engine/drive-rollout.ts',
    from: "const recorded = await parts.store.record([{ kind: 'rollout', value: rollout }], [entry], lease)",
    to: "if (decision.act !== undefined) await perform(drive, rollout, decision.act, signal)\n  const recorded = await parts.store.record([{ kind: 'rollout', value: rollout }], [entry], lease)",
  },
  {
    name: 'brings up fewer instances than serve now',
    file: 'model/moves.ts',
    from: 'return Math.max(rollout.replicas, presentCapacity(rollout, evidence))',
    to: 'return rollout.replicas + 0 * presentCapacity(rollout, evidence)',
  },
  {
    name: 'does not see that more serve by now',
    file: 'model/forward.ts',
    from: 'if (from === undefined || present <= (rollout.capacity ?? rollout.replicas)) {',
    to: 'if (from === undefined || present >= 0) {',
  },
  {
    name: 'sends everybody at once',
    file: 'model/traffic.ts',
    from: 'const goal = goalOf(rollout, state.step)\n  return act(',
    to: 'const goal = weightsFor(rollout.to.color, 100)\n  return act(',
  },
  {
    name: 'never looks again by itself',
    file: 'engine/drive-rollout.ts',
    from: 'return until === null ? Number.POSITIVE_INFINITY : until - parts.clock.now()',
    to: 'return until === null ? Number.POSITIVE_INFINITY : 1e12 + until - parts.clock.now()',
  },
  {
    name: 'does not follow a word to stop',
    file: 'model/decide.ts',
    from: 'if (asked !== undefined) return asked',
    to: "if (asked !== undefined && state.phase === 'pending') return asked",
  },
  {
    name: 'goes on although it is paused',
    file: 'model/traffic.ts',
    from: 'if (rollout.pausedBy !== undefined) return wait(`paused by ${rollout.pausedBy}`, now + LOOK_AGAIN)',
    to: 'if (rollout.pausedBy === undefined && now < 0) return wait(`paused`, now + LOOK_AGAIN)',
  },
  {
    name: 'switches services in any order',
    file: 'model/conduct.ts',
    from: '.filter(rollout => rollout.after.every(service => switched.has(service)))',
    to: '.filter(rollout => rollout.after.every(service => switched.has(service) || service.length > 0))',
  },
  {
    name: 'leaves users on a color that is dead',
    file: 'model/backward.ts',
    from: 'if (share === 100) return giveUp(rollout, to, now)',
    to: 'if (share > 0) return giveUp(rollout, to, now)',
  },
]
