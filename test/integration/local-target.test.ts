import { localTargetUnderTest } from '../harness/local-agent.ts'
import { describeTarget } from '../harness/target-contract.ts'

describeTarget('the local target', localTargetUnderTest)
