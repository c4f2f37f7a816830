/** What Lambda hands a function of an SQS batch: the fields that we read. */
export type SqsEvent = { readonly Records: readonly { readonly messageId: string; readonly body: string }[] };

/** What a function answers: the messages that go back to the queue. Lambda deletes the others. */
export type SqsBatchResponse = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] };

/** Makes an SQS handler of an action that answers, in the order of the bodies, which messages are done. */
export function sqsHandler(handle: (bodies: readonly string[]) => Promise<readonly boolean[]>) {
  return async ({ Records }: SqsEvent): Promise<SqsBatchResponse> => {
    const isDone = await handle(Records.map(({ body }) => body));
    const failures = Records.filter((_, index) => !isDone[index]);
    return { batchItemFailures: failures.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}
