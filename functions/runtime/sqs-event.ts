/** A message as Lambda hands it to a function: the fields that we read. The id stays the same when it is received again. */
export type SqsRecord = { readonly messageId: string; readonly body: string };
export type SqsEvent = { readonly Records: readonly SqsRecord[] };

/** What a function answers: the messages that go back to the queue. Lambda deletes the others. */
export type SqsBatchResponse = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] };

/** Makes an SQS handler of an action that answers, in the order of the messages, which of them are done. */
export function sqsHandler(handle: (messages: readonly SqsRecord[]) => Promise<readonly boolean[]>) {
  return async ({ Records }: SqsEvent): Promise<SqsBatchResponse> => {
    const isDone = await handle(Records);
    const failures = Records.filter((_, index) => !isDone[index]);
    return { batchItemFailures: failures.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}
