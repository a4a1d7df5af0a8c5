import { describeStore } from '../../src/store/store-contract.ts'
import { createMemoryStore } from './memory-store.ts'

describeStore('the store of simulated histories', async () => createMemoryStore(1))
