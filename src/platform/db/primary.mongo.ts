import type { mongo } from 'mongoose';

/**
 * Calls `tell` when another server of the replica set has become primary, as this client sees it. What a new primary never had
 * may be remembered from the one before, although it came to nothing. The returned function ends it.
 */
export function onNewPrimary(client: Pick<mongo.MongoClient, 'on' | 'off'>, tell: () => void): () => void {
  let primary: string | undefined;

  function onTopology({ previousDescription, newDescription }: mongo.TopologyDescriptionChangedEvent): void {
    // A client that was connected before tells of nothing until something changes.
    primary ??= primaryIn(previousDescription);
    const present = primaryIn(newDescription);
    if (present === undefined || present === primary) return;
    if (primary !== undefined) tell();
    primary = present;
  }

  client.on('topologyDescriptionChanged', onTopology);
  return () => void client.off('topologyDescriptionChanged', onTopology);
}

/** The same server is another primary after another election. */
function primaryIn({ servers }: mongo.TopologyDescription): string | undefined {
  const found = [...servers.values()].find(({ type }) => type === 'RSPrimary');
  return found && `${found.address} ${String(found.electionId)}`;
}
