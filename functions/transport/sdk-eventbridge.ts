/** What we use of the package. Whoever imports it while it runs (`import()`) has a file of the bundle with this alone in it. */
// biome-ignore lint/performance/noBarrelFile: a part of a bundle is a module, and all that a package exports would be in one
export { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
