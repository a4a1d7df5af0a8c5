import { setTimeout as wait } from 'node:timers/promises'
import { isGroupAlive, signalGroup } from './process-identity.ts'

const POLL_MILLISECONDS = 20
/** A killed process that waits for a disk ends later; nobody waits for that. */
const KILLED_SECONDS = 2

/** Ends every process of a group: asks first, then makes sure. */
export async function stopGroup(group: number | undefined, graceSeconds: number): Promise<void> {
  if (group === undefined || !signalGroup(group, 'SIGTERM')) return
  if (await isGoneWithin(group, graceSeconds)) return
  signalGroup(group, 'SIGKILL')
  // Who still writes into a folder keeps it from being removed.
  await isGoneWithin(group, KILLED_SECONDS)
}

async function isGoneWithin(group: number, seconds: number): Promise<boolean> {
  const deadline = performance.now() + seconds * 1000
  while (await isGroupAlive(group)) {
    if (performance.now() >= deadline) return false
    await wait(POLL_MILLISECONDS)
  }
  return true
}
