import { rm } from 'node:fs/promises'
import { copyShop, withFreePorts } from './project.ts'
import type { Venue } from './venue.ts'

/** Processes on this machine, behind Sluice's own balancer. */
export async function openLocalVenue(): Promise<Venue> {
  const project = await copyShop(withFreePorts)
  return {
    project,
    images: async () => ({}),
    async door(local) {
      if (local === undefined) throw new Error('prod has no address')
      return { origin: local }
    },
    close: () => rm(project.folder, { recursive: true, force: true, maxRetries: 3 }),
  }
}
