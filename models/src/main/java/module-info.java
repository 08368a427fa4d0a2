/// Well-known networks, one short file each, and agents that learn to play.
module adjoint.models {
    requires transitive adjoint.core;

    exports adjoint.games;
    exports adjoint.models;

    // Layers are found by reflection over the components of records.
    opens adjoint.games to
            adjoint.core;
    opens adjoint.models to
            adjoint.core;
}
