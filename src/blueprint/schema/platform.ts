import { z } from 'zod'
import * as value from './values.ts'

const instanceType = z
  .string()
  .regex(/^[a-z0-9-]+\.[a-z0-9-]+$/)
  .meta({ title: 'an instance type', examples: ['t3.micro'] })

export const loadBalancer = z.strictObject({
  listener: value.arn
    .meta({
      description: 'An existing HTTPS listener to share; without it a load balancer is made.',
      examples: ['arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:listener/app/shared/1/2'],
    })
    .optional(),
  internal: value.flag.meta({ description: 'Reached from inside the network only.' }).optional(),
  testPort: value.port
    .meta({ description: 'Listener on which green is verified; never open to the world.', examples: [8443] })
    .optional(),
  group: value.name
    .meta({ description: 'Ingresses of one group share one load balancer.', examples: ['shared'] })
    .optional(),
})

export const ecs = z.strictObject({
  cluster: value.text
    .max(255)
    .meta({ description: 'Cluster. Default: project-environment.', examples: ['shop-prod'] })
    .optional(),
  capacity: z
    .enum(['fargate', 'fargate-spot', 'ec2'])
    .meta({
      title: 'fargate, fargate-spot or ec2',
      description: 'What the tasks run on.',
      examples: ['fargate'],
    })
    .optional(),
  instanceType: instanceType
    .meta({ description: 'Instances of capacity `ec2`.', examples: ['m5.large'] })
    .optional(),
  deployments: z
    .enum(['sluice', 'ecs'])
    .meta({
      title: 'sluice or ecs',
      description: 'Who shifts traffic: Sluice on the listener, or ECS’s own blue/green deployment.',
      examples: ['sluice'],
    })
    .optional(),
})

export const ec2 = z.strictObject({
  instanceType: instanceType.meta({ description: 'Instances.', examples: ['t3.micro'] }).optional(),
  ami: z
    .string()
    .regex(/^(?:ami-[0-9a-f]{8,17}|\/[\w/.-]+|resolve:ssm:\/[\w/.-]+)$/)
    .meta({
      title: 'an AMI or an SSM parameter',
      description: 'Machine image.',
      examples: ['/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64'],
    })
    .optional(),
  warmup: value.duration
    .meta({ description: 'Time from launch until an instance counts.', examples: ['2m'] })
    .optional(),
})

const nodeGroup = z.strictObject({
  instanceType: instanceType.meta({ description: 'Instances.', examples: ['m5.large'] }),
  min: value.count.meta({ description: 'Least nodes.', examples: [2] }),
  max: value.count.meta({ description: 'Most nodes.', examples: [6] }),
  desired: value.count
    .meta({ description: 'Nodes to begin with; min without it.', examples: [3] })
    .optional(),
  spot: value.flag.meta({ description: 'Spot capacity.' }).optional(),
  labels: z
    .record(z.string().max(63), z.string().max(63))
    .meta({ title: 'a map of text', description: 'Labels of the nodes.', examples: [{ tier: 'app' }] })
    .optional(),
})

export const kubernetes = z.strictObject({
  context: value.text
    .max(253)
    .meta({ description: 'Context of the kubeconfig; the current one without it.', examples: ['shop-prod'] })
    .optional(),
  access: z
    .enum(['kubeconfig', 'in-cluster', 'eks'])
    .meta({
      title: 'kubeconfig, in-cluster or eks',
      description:
        'How Sluice enters the cluster: by a context of the kubeconfig, by its own service account, or with AWS credentials. Default: `kubeconfig` with a `context`, `eks` where a cluster of Amazon EKS is named, else `kubeconfig`.',
      examples: ['in-cluster'],
    })
    .optional(),
  eksCluster: value.text
    .max(100)
    .meta({
      description:
        'A cluster of Amazon EKS that stands already, in the region and account of the environment.',
      examples: ['shared-prod'],
    })
    .optional(),
  apiServer: z
    .array(value.cidr)
    .max(50)
    .meta({
      title: 'a list of networks',
      description:
        'Where the API server connects from, in a cluster that enforces network policies: Sluice verifies the preview, and drains, through it.',
      examples: [['10.20.1.0/28']],
    })
    .optional(),
  namespace: value.name
    .meta({ description: 'Namespace. Default: project-environment.', examples: ['shop'] })
    .optional(),
  switch: z
    .enum(['service', 'ingress', 'gateway'])
    .meta({
      title: 'service, ingress or gateway',
      description:
        'What sends users to a color: the selector of a Service (all at once), the weights of an Ingress, or those of an HTTPRoute.',
      examples: ['gateway'],
    })
    .optional(),
  ingressClass: value.text
    .max(63)
    .meta({ description: 'Ingress class.', examples: ['alb'] })
    .optional(),
  gateway: value.text
    .max(253)
    .meta({ description: 'Gateway that routes attach to, namespace/name.', examples: ['infra/public'] })
    .optional(),
  cluster: z
    .strictObject({
      name: value.text
        .max(100)
        .meta({ description: 'Name of the EKS cluster.', examples: ['shop-prod'] })
        .optional(),
      version: z
        .string()
        .regex(/^1\.\d{2}$/)
        .meta({ title: 'a version in quotes', description: 'Kubernetes version.', examples: ['1.34'] })
        .optional(),
      nodeGroups: z
        .record(value.name, value.removable(nodeGroup))
        .meta({
          title: 'a map of node groups',
          description: 'Managed node groups by name.',
          examples: [{ app: { instanceType: 'm5.large', min: 2, max: 6 } }],
        })
        .optional(),
      fargate: z
        .array(value.name)
        .max(10)
        .meta({
          title: 'a list of namespaces',
          description: 'Namespaces whose pods run on Fargate.',
          examples: [['jobs']],
        })
        .optional(),
    })
    .meta({ description: 'The cluster itself, when it is rendered too.', examples: [{ version: '1.34' }] })
    .optional(),
})
