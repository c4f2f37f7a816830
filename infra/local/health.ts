import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { Hono } from 'hono';
import { QUEUES } from '../queues.ts';
import type { Engines } from './engines.ts';

/** `GET /health`: 200 when the table and every queue answer, else 503; each queue with its counts of messages. */
export function healthApp(engines: Engines): Hono {
  const app = new Hono();
  app.get('/health', async (context) => {
    const [table, ...queues] = await Promise.all([
      tableStatus(engines),
      ...QUEUES.map(({ name }) => queueStatus(engines, name)),
    ]);
    const isUp = table === 'ACTIVE' && queues.every(({ status }) => status === 'up');
    return context.json({ status: isUp ? 'up' : 'down', table, queues }, isUp ? 200 : 503);
  });
  return app;
}

async function tableStatus({ settings, world }: Engines): Promise<string> {
  try {
    const { Table } = await world.dynamodb.send(new DescribeTableCommand({ TableName: settings.TABLE_NAME }));
    return Table?.TableStatus ?? 'unknown';
  } catch {
    return 'down';
  }
}

async function queueStatus({ world, queueUrl }: Engines, name: string) {
  try {
    const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl(name), AttributeNames: ['All'] });
    const { Attributes = {} } = await world.sqs.send(command);
    return {
      name,
      status: 'up',
      waiting: Number(Attributes['ApproximateNumberOfMessages']),
      in_flight: Number(Attributes['ApproximateNumberOfMessagesNotVisible']),
      delayed: Number(Attributes['ApproximateNumberOfMessagesDelayed']),
    };
  } catch {
    return { name, status: 'down' };
  }
}
