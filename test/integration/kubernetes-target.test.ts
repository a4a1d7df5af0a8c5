import { describe } from 'vitest'
import { needsCluster } from '../harness/cluster.ts'
import { kubernetesTargetUnderTest } from '../harness/kubernetes-target.ts'
import { describeTarget } from '../harness/target-contract.ts'

describe.runIf(needsCluster())('on a real cluster', () => {
  describeTarget('the Kubernetes target', kubernetesTargetUnderTest)
})
