/**
 * Stands in bundles for `@aws-sdk/endpoint-cache`, whose cache of a thousand places every DynamoDB client makes and none of its commands
 * asks: DynamoDB's endpoints are not discovered.
 */
export class EndpointCache {}
